"""Reviews of a change of tenants: what will happen to which appliance, what is dangerous, which rule it breaks.

model         the Review: one value, from which everything that is printed comes
verdict       Review -> exit status and reasons
preview       the engine's own events -> Review                    drift        a refresh's events -> Review
comparison    two declarations -> Review, no state, by `declared`  judged       what the rules say of a declaration
revisions     stack files of Git revisions, as data                change       which stacks a change touches
inventory     what a deploy publishes of the state, no secrets     standing     what follows from a difference
report        what is said of a Review, by `loud`, `quiet`, `rows`, in the parts of `document`
markdown, page, as_json      Review -> text, pure                   __main__     the command line
"""
