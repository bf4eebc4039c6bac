"""Azure's JSON <-> our domain, both ways next to each other, unknowns kept.

Source: the Microsoft.Solutions 2021-07-01 and Microsoft.Authorization 2022-04-01 contracts.
"""
