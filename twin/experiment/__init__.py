"""Scenarios, replications, statistics, measures, jobs, the store of runs and the audit trail."""
