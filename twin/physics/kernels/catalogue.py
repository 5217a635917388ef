"""All kernels, so that a test can run each on the CPU and in a simulated GPU. Nothing else needs the list."""

from __future__ import annotations

from twin.physics.kernels.chromatography import BREAKTHROUGH, CYCLE
from twin.physics.kernels.coating import COATING
from twin.physics.kernels.culture import CULTURE
from twin.physics.kernels.dissolution import DISSOLVING
from twin.physics.kernels.launch import Kernel
from twin.physics.kernels.lyophilisation import PRIMARY_DRYING
from twin.physics.kernels.population_balance import balance_kernel, granulation_kernel, milling_kernel

KERNELS: tuple[Kernel, ...] = (
    COATING,
    CULTURE,
    DISSOLVING,
    BREAKTHROUGH,
    CYCLE,
    PRIMARY_DRYING,
    balance_kernel(48),
    granulation_kernel(48),
    milling_kernel(48),
)
