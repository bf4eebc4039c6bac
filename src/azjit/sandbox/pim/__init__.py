"""Privileged Identity Management in ARM: eligibility, activation, policies and approvals."""
