"""Reviews of a change of tenants: what will happen to which appliance, what is dangerous, which rule it breaks.

model         the Review: one value, from which everything that is printed comes
verdict       Review -> exit status and reasons
preview       the engine's own events -> Review                    comparison   two declarations -> Review, no state
drift         a look at the appliance -> Review                    revisions    stack files of a Git revision, as data
events        one event -> one row, for both                       inventory    what a deploy publishes of the state
engine_run    runs the engine, writes nothing; words: what it says stack_settings  a stack file beside its tenants
standing      how tenants stand and are declared -> rows           consequences requests, host names, what won't happen
markdown, page, as_json      Review -> text, pure                   __main__     the command line
"""
