"""The floor, handed to the engine as our own program hands over its resources: what is left is the provider's part."""

from psaas_resources import registration

registration.of_many()

from bench.programs import floor  # noqa: E402, F401 - it declares
