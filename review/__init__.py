"""Reviews of a change of tenants: what will happen to which appliance, what is dangerous, which rule it breaks.

model         the Review: one value, from which everything that is printed comes
verdict       Review -> exit status and reasons
preview       the engine's own events -> Review                    comparison   two declarations -> Review, no state
inventory     what a deploy publishes of the state, no secrets      revisions    stack files of a Git revision, as data
markdown, page, as_json      Review -> text, pure                   __main__     the command line
"""
