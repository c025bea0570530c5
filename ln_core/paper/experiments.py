"""The paper's experiments, by the name that stands in the stream's address. Free of torch."""

from ln_core.paper.convnet.config import ConvConfig
from ln_core.paper.mnist.config import MnistConfig, SweepConfig
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.paper.transformer.config import TransformerConfig
from ln_core.runs.experiment import Experiment

MNIST = Experiment(
    name="paper-mnist",
    config=MnistConfig,
    film="ln_core.paper.mnist.trainer:film",
    figure="ln_core.paper.mnist.figure:mnist_figure",
)
SWEEP = Experiment(
    name="paper-sweep",
    config=SweepConfig,
    film="ln_core.paper.mnist.trainer:sweep",
    figure="ln_core.paper.mnist.figure:sweep_figure",
)
SKIP = Experiment(
    name="paper-skip-thoughts",
    config=SkipConfig,
    film="ln_core.paper.skip_thoughts.trainer:film",
    figure="ln_core.paper.skip_thoughts.figure:skip_figure",
)
TRANSFORMER = Experiment(
    name="paper-transformer",
    config=TransformerConfig,
    film="ln_core.paper.transformer.trainer:film",
    figure="ln_core.paper.transformer.figure:transformer_figure",
)
CONVNET = Experiment(
    name="paper-convnet",
    config=ConvConfig,
    film="ln_core.paper.convnet.trainer:film",
    figure="ln_core.paper.convnet.figure:convnet_figure",
)
PAPER = (MNIST, SWEEP, SKIP, TRANSFORMER, CONVNET)
