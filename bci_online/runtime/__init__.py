"""The corridor that joins the rooms."""
