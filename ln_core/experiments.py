"""What the app can run, by the name that stands in the stream's address."""

from ln_core.race.config import MlpConfig
from ln_core.runs.experiment import Experiment

MLP = Experiment(name="mlp", config=MlpConfig, film="ln_core.race.film:film")
EXPERIMENTS = {experiment.name: experiment for experiment in (MLP,)}
