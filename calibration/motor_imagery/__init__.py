"""Motor imagery: windows through the online chain, a decoder of them, and when to stop.

`windows` runs recordings through the chain, `fitting` makes a decoder by one method,
`stopping` says what its values are worth, `evaluation` redoes everything in each held-out fold,
`training` is all of that from files to a decoder file, and `showing` shows it.
"""
