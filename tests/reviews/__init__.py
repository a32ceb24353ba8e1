"""Reviews of changes: values, verdicts and reports; no engine, no network."""
