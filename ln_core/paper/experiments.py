"""The paper's experiments, by the name that stands in the stream's address. Free of torch."""

from ln_core.paper.convnet_config import ConvConfig
from ln_core.paper.mnist_config import MnistConfig, SweepConfig
from ln_core.paper.skip_thoughts_config import SkipConfig
from ln_core.paper.transformer_config import TransformerConfig
from ln_core.runs.experiment import Experiment

MNIST = Experiment(
    name="paper-mnist",
    config=MnistConfig,
    film="ln_core.paper.mnist:film",
    figure="ln_core.figures.paper_mnist:mnist_figure",
)
SWEEP = Experiment(
    name="paper-sweep",
    config=SweepConfig,
    film="ln_core.paper.mnist:sweep",
    figure="ln_core.figures.paper_mnist:sweep_figure",
)
SKIP = Experiment(
    name="paper-skip-thoughts",
    config=SkipConfig,
    film="ln_core.paper.skip_thoughts:film",
    figure="ln_core.figures.paper_skip_thoughts:skip_figure",
)
TRANSFORMER = Experiment(
    name="paper-transformer",
    config=TransformerConfig,
    film="ln_core.paper.transformer:film",
    figure="ln_core.figures.paper_transformer:transformer_figure",
)
CONVNET = Experiment(
    name="paper-convnet",
    config=ConvConfig,
    film="ln_core.paper.convnet:film",
    figure="ln_core.figures.paper_convnet:convnet_figure",
)
PAPER = (MNIST, SWEEP, SKIP, TRANSFORMER, CONVNET)
