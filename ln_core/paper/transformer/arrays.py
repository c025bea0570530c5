"""What the arrays of the frames mean, of the race and of a sweep of learning rates."""

from ln_core.runs.meaning import Meaning

ARRAYS = {
    "loss": Meaning("Cross-entropy of each batch, before its step", "variant, seed, step", "nats"),
    "gradient_norm": Meaning(
        "Length of the whole gradient of each batch", "variant, seed, step", "nats"
    ),
    "gradient_start": Meaning(
        "Length of the gradient by each layer's second feed-forward matrix before training, mean "
        "over the seeds",
        "variant, layer",
        "nats",
    ),
    "gradient_by_layer": Meaning(
        "The same length now, mean over the seeds", "variant, layer", "nats"
    ),
    "test_error": Meaning("Wrong answers on unseen sequences", "variant, seed", "share, 0 to 1"),
    "stream_size": Meaning(
        "Root mean square of the stream, the embedding and after each layer",
        "variant, depth",
        "plain numbers",
    ),
    "memory_size": Meaning(
        "Root mean square of what each segment of unseen sequences remembers",
        "variant, segment",
        "plain numbers",
    ),
}
SWEEP_ARRAYS = {
    "swept_error": Meaning(
        "Wrong answers on unseen sequences, without warm-up and with it: lowest, mean and highest "
        "of the seeds at each learning rate",
        "variant, without and with warm-up, lowest mean highest, learning rate",
        "share, 0 to 1",
    )
}
