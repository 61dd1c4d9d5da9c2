"""The protocol's types: what the daemon tells, and how services are defined."""

from .daemon import DaemonStatus, Greeting, LineTime, LogPiece, Stray, Template, TemplateParameter
from .definitions import Definition, Run
from .events import Event
from .logs import LogAttempt, LogEntry, LogLoss, LogPage, LogPaths
from .policies import (
    ActivityPage, ActivityProbe, Caller, Command, Health, Idle, Lifetime, Limits, Log, LogLine, Page, Port, Readiness, Restart, Stop, Terminal,
    UnixSocket, Web,
)
from .runs import RunRecord, RunStatus, WorkspaceRecord
from .services import Exit, FailureReport, HealthReport, HostedAttempt, IdleReport, Interpreter, Retry, RunMode, ServiceRecord, State, Usage
from .web import WebPage

__all__ = [
    "ActivityPage", "ActivityProbe", "Caller", "Command", "DaemonStatus", "Definition", "Event", "Exit", "FailureReport", "Greeting", "Health", "HealthReport", "HostedAttempt", "Idle", "IdleReport", "Interpreter",
    "Lifetime", "Limits", "LineTime", "Log", "LogAttempt", "LogEntry", "LogLine", "LogLoss", "LogPage", "LogPaths", "LogPiece", "Page", "Port", "Readiness",
    "Restart", "Retry", "Run", "RunMode", "RunRecord", "RunStatus", "ServiceRecord", "State", "Stop", "Stray", "Template", "TemplateParameter", "Terminal",
    "UnixSocket", "Usage", "Web", "WebPage", "WorkspaceRecord",
]
