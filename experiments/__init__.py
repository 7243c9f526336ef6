"""Experiments: whole runs, from a configuration to a report, and the command line.

`task` is a world made ready for experiments. `run` is the main job, `demonstrate`, `practise` and `evaluate` its
stages, `folder` what it leaves on disk. `records`, `estimators`, `statistics`, `compare` and `report` make a result of
what was played; `replay` and `view` show it. `configure` composes a configuration, `build` makes objects of it, `cli`
is the command line.

Nothing is imported here, so that the command line answers at once; take names from their modules.
"""
