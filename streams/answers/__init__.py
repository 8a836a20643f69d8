"""Answers that commands print: a wallet as of any moment, the funnel, the check, exceptions and rejections.

What has no parameter is a view (`infra/views/`); what has one is a query that is made here, with its parameters bound
as literals.
"""
