"""Results as files for other programs: what the sheets hold (`sheets`), and how CSV and Excel write them.

`twin results export` calls `write_csv` and `write_excel`; Parquet files of a run's record are written by
`twin.experiment.tables`. A text that a spreadsheet would take for a formula stays text (`cells`).
"""

from twin.experiment.export.csv_files import write_csv
from twin.experiment.export.excel import write_excel
from twin.experiment.export.parquet import write_parquet
from twin.experiment.export.sheets import Sheet, run_sheets, sweep_sheets

__all__ = ["Sheet", "run_sheets", "sweep_sheets", "write_csv", "write_excel", "write_parquet"]
