"""The stills, by the name that stands in the stream's address. Free of torch."""

from ln_core.paper.skip_thoughts.nearest.config import NearestConfig
from ln_core.runs.experiment import Experiment
from ln_core.see.batch_mates.config import MatesConfig
from ln_core.see.geometry.config import GeometryConfig
from ln_core.see.invariance.config import InvarianceConfig
from ln_core.see.matrix.config import MatrixConfig
from ln_core.see.replicas.config import ReplicasConfig
from ln_core.see.shared_statistics.config import PoolsConfig

POOLS = Experiment(
    name="pools",
    config=PoolsConfig,
    film="ln_core.see.shared_statistics.compute:film",
    figure="ln_core.see.shared_statistics.figure:pools_figure",
)
MATRIX = Experiment(
    name="matrix",
    config=MatrixConfig,
    film="ln_core.see.matrix.compute:film",
    figure="ln_core.see.matrix.figure:matrix_figure",
)
INVARIANCE = Experiment(
    name="invariance",
    config=InvarianceConfig,
    film="ln_core.see.invariance.compute:film",
    figure="ln_core.see.invariance.figure:invariance_figure",
)
MATES = Experiment(
    name="mates",
    config=MatesConfig,
    film="ln_core.see.batch_mates.compute:film",
    figure="ln_core.see.batch_mates.figure:mates_figure",
)
REPLICAS = Experiment(
    name="replicas",
    config=ReplicasConfig,
    film="ln_core.see.replicas.compute:film",
    figure="ln_core.see.replicas.figure:replicas_figure",
)
GEOMETRY = Experiment(
    name="geometry",
    config=GeometryConfig,
    film="ln_core.see.geometry.compute:film",
    figure="ln_core.see.geometry.figure:geometry_figure",
)
NEAREST = Experiment(
    name="nearest",
    config=NearestConfig,
    film="ln_core.paper.skip_thoughts.nearest.compute:film",
    figure="ln_core.paper.skip_thoughts.nearest.figure:nearest_figure",
)
STILLS = (POOLS, MATRIX, INVARIANCE, MATES, REPLICAS, GEOMETRY, NEAREST)
