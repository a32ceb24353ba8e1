"""Tests without a network beyond loopback and without the engine."""
