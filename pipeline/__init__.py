"""What pipelines do around a review and an update: comments, approvals, deploys, audit lines, drift issues.

job              what GitHub Actions or GitLab CI says of a job      forge     what is asked of either, in one wording
github, gitlab   the two of them                                     web       their HTTP: pages, rate limits, errors
folder           where a job's steps find each other's files         git       `git`, the token in its environment
change           the change of a job, fetched as data                comment   the one comment that is kept up to date
plan             what would run at a commit, and who approved it     deploy    the update, stopped if it is another one
engine_run       `pulumi up`, which a cancel reaches                 audit     its event log -> a line for each write
inventory_branch what deploys publish                                reports   the JSON of reviews
affected, drift_issue, notify, release                               here      what every command needs
on_changes, on_branches   the commands                               __main__  which make targets call

Reviews are made by `python -m review`; `pulumi` and it are used as processes only.
"""
