"""The paper's experiments, by the name that stands in the stream's address. Free of torch."""

from ln_core.paper.convnet_config import ConvConfig
from ln_core.paper.mnist_config import MnistConfig, SweepConfig
from ln_core.paper.skip_thoughts_config import SkipConfig
from ln_core.paper.transformer_config import TransformerConfig
from ln_core.runs.experiment import Experiment

MNIST = Experiment(name="paper-mnist", config=MnistConfig, film="ln_core.paper.mnist:film")
SWEEP = Experiment(name="paper-sweep", config=SweepConfig, film="ln_core.paper.mnist:sweep")
SKIP = Experiment(
    name="paper-skip-thoughts", config=SkipConfig, film="ln_core.paper.skip_thoughts:film"
)
TRANSFORMER = Experiment(
    name="paper-transformer", config=TransformerConfig, film="ln_core.paper.transformer:film"
)
CONVNET = Experiment(name="paper-convnet", config=ConvConfig, film="ln_core.paper.convnet:film")
PAPER = (MNIST, SWEEP, SKIP, TRANSFORMER, CONVNET)
