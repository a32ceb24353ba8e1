"""The command `psaas`: what operators do with stack files, states, escrows and appliances, in one place.

app          the command line as a whole                     commands     a file for each command: arguments and output
output       where a command says things, and in which form  arguments    what several commands ask for in the same way
exits        what the exit status means            running      one command, its errors, and its exit status

It decides nothing: what a command does is in the packages below, which programs may use too. Nothing imports it.
"""
