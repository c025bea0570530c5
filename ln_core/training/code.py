"""What the scripts of all trainings share: arguments, digits, batches, the loop. Free of torch."""

OPTIMIZERS = {
    "adam": "torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)",
    "sgd": "torch.optim.SGD(net.parameters(), lr=LEARNING_RATE)",
    "momentum": "torch.optim.SGD(net.parameters(), lr=LEARNING_RATE, momentum=0.9)",
}

READS = """
It reads {} from the app's own file: where that is, say with --data FILE.
"""

ROUNDING = """
Its losses are those of the run, but for rounding: the same sums in another order round differently,
and in deep nets or tiny batches that grows within a few steps to what can be seen. In float64
(--dtype float64) it begins 500 million times smaller.
"""

ARGUMENTS = """
parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=$steps)
parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
$data
given, _ = parser.parse_known_args()  # a notebook has arguments of its own
"""
DATA_ARGUMENT = 'parser.add_argument("--data", default="assets/data/{}")'

MNIST = '''
def load_data():
    """Draw training images, and standardize their pixels: x (CASES, $shape), y (CASES,)."""
    with np.load(given.data) as mnist:
        images, labels = map(torch.from_numpy, (mnist["train_images"], mnist["train_labels"]))
    generator = torch.Generator().manual_seed($seed)
    chosen = torch.randperm(len(labels), generator=generator)[:CASES]
    x = (images[chosen].float() / 255 - 0.1307) / 0.3081
    return x$view, labels[chosen].long()
'''

BATCHES = '''
def batches():
    """Give the indices of batch after batch: a new order for every epoch, cut into pieces."""
    generator = torch.Generator().manual_seed(64 * SEED + 63)
    while True:
        yield from torch.randperm(CASES, generator=generator).split(BATCH_SIZE)
'''

LOOP = """
dtype = getattr(torch, given.dtype)
x, y = load_data()
$convert
names = [(variant, seed) for variant in VARIANTS for seed in SEEDS]
networks = [$network(variant, seed).to(dtype) for variant, seed in names]
optimizers = [$optimizer for net in networks]
print("step", *(f"{variant}/{seed}".rjust(12) for variant, seed in names))
for step, chosen in zip(range(1, given.steps + 1), batches()):  # one batch for all networks
    losses = []
    for network, optimizer in zip(networks, optimizers):
        loss = $loss
        optimizer.zero_grad()
        loss.backward()
$clip
        optimizer.step()
        losses.append(loss.item())  # from before the update
    if step <= 50 or step % 50 == 0:
        print(f"{step:4}", *(f"{loss:12.6f}" for loss in losses))
"""
