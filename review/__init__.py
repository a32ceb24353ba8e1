"""Reviews of a change of tenants: what will happen to which appliance, what is dangerous, which rule it breaks.

model         the Review: one value, from which everything that is printed comes
verdict       Review -> exit status and reasons
preview       the engine's own events -> Review                    comparison   two declarations -> Review, no state
drift         a look at the appliance -> Review                    revisions    stack files of Git revisions, as data
events        one event -> one row, for both                       change       which stacks a change of files touches
engine_run    runs the engine, writes nothing; words: what it says declared     one stack, of files or of an inventory
inventory     what a deploy publishes of the state                 stack_settings  a stack file beside its tenants
standing      how tenants stand and are declared -> rows           consequences requests, host names, what won't happen
policy_events what the policy pack says in a preview              other_resources  steps that have no rows
judged        what the rules say of a declaration                  visible      a stranger's text, every character of it
report        Review -> a document of sections: loud, quiet, rows  document     what a report is made of
markdown, page, as_json      Review -> text, pure                  __main__     the command line
"""
