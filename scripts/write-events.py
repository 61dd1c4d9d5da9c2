#!/usr/bin/env python3
"""write-events.py FOLDER: real event files of two small training runs, written by TensorBoard's own writer."""

import math
import sys
import time

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

STEPS = 100

for rate in (0.1, 0.01):
    writer = EventFileWriter(f"{sys.argv[1]}/lr={rate}")
    began = time.time() - STEPS
    for step in range(STEPS):
        loss = math.exp(-rate * step)
        values = [
            Summary.Value(tag="loss", simple_value=loss),
            Summary.Value(tag="accuracy", simple_value=1 - loss),
        ]
        writer.add_event(Event(wall_time=began + step, step=step, summary=Summary(value=values)))
    writer.close()
