"""What the app can run, by the name that stands in the stream's address. Free of torch."""

from ln_core.paper.convnet import config as convnet
from ln_core.paper.mnist import config as mnist
from ln_core.paper.skip_thoughts import config as skip_thoughts
from ln_core.paper.skip_thoughts.nearest import config as nearest
from ln_core.paper.transformer import config as transformer
from ln_core.race import config as race
from ln_core.recurrent import config as recurrent
from ln_core.see.batch_mates import config as batch_mates
from ln_core.see.geometry import config as geometry
from ln_core.see.invariance import config as invariance
from ln_core.see.matrix import config as matrix
from ln_core.see.replicas import config as replicas
from ln_core.see.shared_statistics import config as shared_statistics

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        race.EXPERIMENT,
        recurrent.RNN,
        recurrent.MICROSCOPE,
        shared_statistics.EXPERIMENT,
        matrix.EXPERIMENT,
        invariance.EXPERIMENT,
        batch_mates.EXPERIMENT,
        replicas.EXPERIMENT,
        geometry.EXPERIMENT,
        mnist.MNIST,
        mnist.SWEEP,
        skip_thoughts.EXPERIMENT,
        nearest.EXPERIMENT,
        transformer.EXPERIMENT,
        convnet.EXPERIMENT,
    )
}
