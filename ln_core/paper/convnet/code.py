"""A race of small ConvNets as a script. Free of torch."""

from ln_core.paper.convnet.config import CASES, GROUPS, ConvConfig
from ln_core.runs.script import blocks, fill, indented
from ln_core.training import code as shared

TITLE = "MNIST digits: one small ConvNet with each normalization, from the same filters."
CONSTANTS = """
CASES, BATCH_SIZE, LEARNING_RATE = $cases, $batch_size, $learning_rate
CHANNELS, LAYERS = $channels, 4
"""

BATCHES = '''
def batches(size):
    """Draw images for each seed, the same ones for all its variants: {seed: indices}."""
    generators = {seed: torch.Generator().manual_seed(64 * seed + 63) for seed in SEEDS}
    while True:
        yield {seed: torch.randint(CASES, (size,), generator=of) for seed, of in generators.items()}
'''

SCALE = '''
class Scale(nn.Module):
    """No normalization: only a gain and a bias for each channel, as all the others have."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, a):
        return self.weight * a + self.bias
'''

PIXEL_NORM = '''
class PixelNorm(nn.LayerNorm):
    """Layer Norm over the channels of each pixel: they come first here, and last there."""

    def forward(self, a):
        return super().forward(a.movedim(1, -1)).movedim(-1, 1)
'''

LAYERS = {
    "none": "Scale(channels)",
    "batch": "nn.BatchNorm2d(channels)",
    "layer": "nn.GroupNorm(1, channels)",
    "pixel": "PixelNorm(channels)",
    "group": f"nn.GroupNorm({GROUPS}, channels)",
    "instance": "nn.InstanceNorm2d(channels, affine=True)",
}
NOTES = {"layer": "  # over all channels and pixels", "group": "  # over a part of the channels"}
NORMALIZATIONS = """
NORMALIZATIONS = {  # of summed inputs; every one has a gain and a bias for each channel
$layers
}
"""

NETWORK = '''
class ConvNet(nn.Module):
    """Layers h = relu(normalize(conv(h))), pooled after each pair, and a linear readout."""

    def __init__(self, variant, seed):
        super().__init__()
        self.variant, self.seed = variant, seed
        layers = []
$spread
        for index in range(LAYERS):
            conv = nn.Conv2d(CHANNELS if index else 1, CHANNELS, 3, padding=1, bias=False)
            conv.weight = draw(conv.weight.shape, 64 * seed + index)
$unequal
            layers += [conv, NORMALIZATIONS[variant](CHANNELS), nn.ReLU()]
            if index % 2:
                layers.append(nn.MaxPool2d(2))
        self.layers = nn.Sequential(*layers)
        self.readout = nn.Linear(7 * 7 * CHANNELS, 10)
        self.readout.weight = draw(self.readout.weight.shape, 64 * seed + LAYERS)
        nn.init.zeros_(self.readout.bias)

    def forward(self, x):
        h = self.layers(x).movedim(1, -1)  # the film keeps channels last
        return self.readout(h.flatten(1))


def draw(shape, seed):
    """Draw weights from Uniform(-r, r) with r = 1 / sqrt(fan-in), as torch's own layers."""
    generator = torch.Generator().manual_seed(seed)
    weights = 2 * torch.rand(shape, generator=generator) - 1
    return nn.Parameter(weights / math.sqrt(math.prod(shape[1:])))
'''

SPREAD = "spread = torch.Generator().manual_seed(64 * seed + LAYERS + 1)"
UNEQUAL = """
sizes = torch.exp($spread * torch.randn(CHANNELS, 1, 1, 1, generator=spread))
conv.weight = nn.Parameter(conv.weight.detach() * sizes)
"""

DATA = """
x, y = load_data()
x_test, y_test = load_data("test", $test_cases, 2**32 - 1)
x, x_test = x.to(dtype), x_test.to(dtype)
"""
CLIP = """
if network.variant == "none":
    nn.utils.clip_grad_norm_(network.parameters(), $clip)
"""
TESTED = """
if step % $every == 0 or step == $steps:
    errors = (test(network, x_test, y_test)[1] for network in networks)
    print("error, % ", *(f"{error:12.6f}" for error in errors))
"""


def code(config: ConvConfig, origin: str) -> str:
    """Write the script of a race; `origin` is a line that says where the run is to be seen."""
    own = ("batch_size", "learning_rate", "channels")
    values = {name: getattr(config, name) for name in own}
    lines = [
        f'    "{one}": lambda channels: {LAYERS[one]},{NOTES.get(one, "")}'
        for one in config.variants
    ]
    every = config.survey_every * config.frame_every
    return blocks(
        shared.head(
            config.variants,
            data=shared.DIGITS,
            title=TITLE,
            origin=origin,
            seed=config.seed,
            seeds=config.seeds,
            constants=fill(CONSTANTS, cases=CASES, **values).strip(),
            steps=config.steps,
        ),
        fill(shared.MNIST, shape="1, 28, 28", seed="64 * SEED + 62", view=".unsqueeze(1)"),
        BATCHES,
        SCALE if "none" in config.variants else "",
        PIXEL_NORM if "pixel" in config.variants else "",
        fill(NORMALIZATIONS, layers="\n".join(lines)),
        fill(
            NETWORK,
            spread=indented(8, SPREAD) if config.spread else "",
            unequal=indented(12, fill(UNEQUAL, spread=config.spread)) if config.spread else "",
        ),
        shared.TEST,
        shared.loop(
            data=fill(DATA, test_cases=config.test_cases).strip(),
            network="ConvNet",
            optimizer=shared.OPTIMIZERS["momentum"],
            loss="nn.functional.cross_entropy(network(x[own]), y[own])",
            own="        own = chosen[network.seed]",
            clip=indented(8, fill(CLIP, clip=config.clip)) if "none" in config.variants else "",
            tested=indented(4, fill(TESTED, every=every, steps=config.steps)),
        ),
    )
