"""The physics broker: visits of all waiting replications in, one array call for each model, answers out.

Engine-neutral. `rows` says what an engine asks and gets back, `inputs` makes the arrays of it, `plan` tells
which operations can be computed before anybody asks, `ahead` computes those, `desk` is what one replication
knows, `counts` is what a manifest reports. An engine steps its replications until they wait, calls `Broker`
once for all of them, and goes on.
"""

from __future__ import annotations

from twin.engine.broker.broker import Broker
from twin.engine.broker.counts import Counts
from twin.engine.broker.plan import PlannedOperation, physics_plan
from twin.engine.broker.rows import Answer, Request

__all__ = ["Answer", "Broker", "Counts", "PlannedOperation", "Request", "physics_plan"]
