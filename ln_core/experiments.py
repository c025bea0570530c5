"""What the app can run, by the name that stands in the stream's address."""

from ln_core.paper.experiments import PAPER
from ln_core.race.config import MlpConfig
from ln_core.recurrent.config import MicroscopeConfig, RnnConfig
from ln_core.runs.experiment import Experiment
from ln_core.see.experiments import STILLS

MLP = Experiment(
    name="mlp",
    config=MlpConfig,
    film="ln_core.race.trainer:film",
    figure="ln_core.race.figure:mlp_figure",
)
RNN = Experiment(
    name="rnn",
    config=RnnConfig,
    film="ln_core.recurrent.trainer:film",
    figure="ln_core.recurrent.figure:rnn_figure",
)
MICROSCOPE = Experiment(
    name="time",
    config=MicroscopeConfig,
    film="ln_core.recurrent.microscope:film",
    figure="ln_core.recurrent.figure:microscope_figure",
)
EXPERIMENTS = {
    experiment.name: experiment for experiment in (MLP, RNN, MICROSCOPE, *STILLS, *PAPER)
}
