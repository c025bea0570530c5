"""The stills, by the name that stands in the stream's address. Free of torch."""

from ln_core.runs.experiment import Experiment
from ln_core.see.geometry_config import GeometryConfig
from ln_core.see.invariance_config import InvarianceConfig
from ln_core.see.mates_config import MatesConfig, ReplicasConfig
from ln_core.see.matrix_config import MatrixConfig
from ln_core.see.nearest_config import NearestConfig
from ln_core.see.pools_config import PoolsConfig

POOLS = Experiment(
    name="pools",
    config=PoolsConfig,
    film="ln_core.see.pools:film",
    figure="ln_core.figures.see_pools:pools_figure",
)
MATRIX = Experiment(
    name="matrix",
    config=MatrixConfig,
    film="ln_core.see.matrix:film",
    figure="ln_core.figures.see_matrix:matrix_figure",
)
INVARIANCE = Experiment(
    name="invariance",
    config=InvarianceConfig,
    film="ln_core.see.invariance:film",
    figure="ln_core.figures.see_invariance:invariance_figure",
)
MATES = Experiment(
    name="mates",
    config=MatesConfig,
    film="ln_core.see.mates:film",
    figure="ln_core.figures.see_mates:mates_figure",
)
REPLICAS = Experiment(
    name="replicas",
    config=ReplicasConfig,
    film="ln_core.see.replicas:film",
    figure="ln_core.figures.see_mates:replicas_figure",
)
GEOMETRY = Experiment(
    name="geometry",
    config=GeometryConfig,
    film="ln_core.see.geometry:film",
    figure="ln_core.figures.see_geometry:geometry_figure",
)
NEAREST = Experiment(
    name="nearest",
    config=NearestConfig,
    film="ln_core.see.nearest:film",
    figure="ln_core.figures.see_nearest:nearest_figure",
)
STILLS = (POOLS, MATRIX, INVARIANCE, MATES, REPLICAS, GEOMETRY, NEAREST)
