"""The stills, by the name that stands in the stream's address. Free of torch."""

from ln_core.runs.experiment import Experiment
from ln_core.see.geometry_config import GeometryConfig
from ln_core.see.invariance_config import InvarianceConfig
from ln_core.see.mates_config import MatesConfig, ReplicasConfig
from ln_core.see.matrix_config import MatrixConfig
from ln_core.see.nearest_config import NearestConfig
from ln_core.see.pools_config import PoolsConfig

POOLS = Experiment(name="pools", config=PoolsConfig, film="ln_core.see.pools:film")
MATRIX = Experiment(name="matrix", config=MatrixConfig, film="ln_core.see.matrix:film")
INVARIANCE = Experiment(
    name="invariance", config=InvarianceConfig, film="ln_core.see.invariance:film"
)
MATES = Experiment(name="mates", config=MatesConfig, film="ln_core.see.mates:film")
REPLICAS = Experiment(name="replicas", config=ReplicasConfig, film="ln_core.see.replicas:film")
GEOMETRY = Experiment(name="geometry", config=GeometryConfig, film="ln_core.see.geometry:film")
NEAREST = Experiment(name="nearest", config=NearestConfig, film="ln_core.see.nearest:film")
STILLS = (POOLS, MATRIX, INVARIANCE, MATES, REPLICAS, GEOMETRY, NEAREST)
