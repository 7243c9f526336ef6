"""The choices: one Hydra group a folder; YAML names classes and what is chosen, defaults stand with the classes."""
