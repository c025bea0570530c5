"""What pages that compute at once say of what they train or draw."""

from ln_core.see.geometry.compute import compute
from ln_core.see.geometry.config import GeometryConfig
from ln_core.see.replicas.compute import compute as split
from ln_core.see.replicas.config import SPLITS, ReplicasConfig
from tests.claims.table import Found, claim

RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # all but the two largest


def learned(seed: int, factor: float, rate: float) -> float:
    """Give how far training brought Layer Norm's loss down, with weights times a factor."""
    config = GeometryConfig(seed=seed, factor=factor, learning_rate=rate)
    loss = compute(config).arrays["loss"][config.variants.index("layer")]
    return float(loss[0] - loss[-1])


@claim("geometry")
def weights_four_times_as_long_learn_more_slowly_at_all_but_the_two_largest_rates(seed) -> Found:
    moved = {rate: [learned(seed, factor, rate) for factor in (1.0, 4.0, 16.0)] for rate in RATES}
    return all(a > b > c > 0 for a, b, c in moved.values()), moved


@claim("geometry")
def at_the_largest_rate_weights_four_times_as_long_end_with_the_lower_loss(seed) -> Found:
    short, long = (learned(seed, factor, 100.0) for factor in (1.0, 4.0))
    return long > short, {"short": short, "long": long}


@claim("replicas")
def parts_of_a_batch_give_the_gradient_of_the_whole_but_under_batch_norm(seed) -> Found:
    config = ReplicasConfig(seed=seed)
    cosine = dict(zip(config.variants, split(config).arrays["cosine"], strict=True))
    eight, sixteen = (SPLITS.index(parts) for parts in (8, 16))  # questions.5 and questions.6
    holds = cosine["batch"][eight] < 0.9 and cosine["batch"][sixteen] < 0.9
    exact = min(cosine["layer"][eight], cosine["sync"][sixteen]) > 1 - 1e-6
    return bool(holds and exact), {name: of.tolist() for name, of in cosine.items()}
