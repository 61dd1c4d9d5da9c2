"""experimaestro's services through xpmd: they stay the user's own objects, and what happens to them is xpmd's.

    with experiment("/home/ada/ws", "my_experiment") as xp:
        xpmd.attach(xp)
        board = xp.add_service(TensorboardService(xp.workdir / "runs"))
        print(board.get_url())

or `with xpmd.experiment(…) as xp:`, or no line at all, see `xpmd._hook`. Nothing here is imported before it is used.
"""
