"""A task that learns: its loss is in event files for TensorBoard."""

from pathlib import Path

from experimaestro import Meta, Param, PathGenerator, Task, field


class Learner(Task):
    lr: Param[float]
    logpath: Meta[Path] = field(default_factory=PathGenerator("runs"))

    def execute(self):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self.logpath.mkdir(parents=True, exist_ok=True)
        writer = EventFileWriter(str(self.logpath))
        for step in range(3):
            value = Summary.Value(tag="loss", simple_value=self.lr / (step + 1))
            writer.add_event(Event(step=step, wall_time=1e9 + step, summary=Summary(value=[value])))
        writer.close()
