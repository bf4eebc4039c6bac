"""Packages of managed applications on the disk: read, checked and edited without Azure."""
