import XPMControl
import XPMProtocol

extension HandlerTable<Daemon> {
    /// Every request that xpmd understands. The test of the architecture compares it with the methods of the protocol.
    static var all: HandlerTable<Daemon> {
        var table = HandlerTable()
        table.on(Hello.self) { try $1.hello($0, $2) }
        table.on(OpenExperiment.self) { try $1.supervisor.openExperiment($0, $2) }
        table.on(CloseExperiment.self) { try $1.supervisor.closeExperiment($0, $2) }
        table.on(ListExperiments.self) { try $1.supervisor.listExperiments($0, $2) }
        table.on(AddService.self) { try $1.supervisor.addService($0, $2) }
        table.on(StartService.self) { try $1.supervisor.startService($0, $2) }
        table.on(StopService.self) { try $1.supervisor.stopService($0, $2) }
        table.on(RestartService.self) { try $1.supervisor.restartService($0, $2) }
        table.on(SignalService.self) { try $1.supervisor.signalService($0, $2) }
        table.on(ReportActivity.self) { try $1.supervisor.reportActivity($0, $2) }
        table.on(RemoveService.self) { try $1.supervisor.removeService($0, $2) }
        table.on(PruneServices.self) { try $1.supervisor.pruneServices($0, $2) }
        table.on(GetService.self) { try $1.supervisor.getService($0, $2) }
        table.on(ListServices.self) { try $1.supervisor.listServices($0, $2) }
        table.on(WaitService.self) { try $1.supervisor.waitService($0, $2) }
        table.on(ServiceLogs.self) { try $1.supervisor.serviceLogs($0, $2) }
        table.on(ClearServiceLogs.self) { try $1.supervisor.clearServiceLogs($0, $2) }
        table.on(NotifyHosted.self) { try $1.supervisor.notifyHosted($0, $2) }
        table.on(EndHosted.self) { try $1.supervisor.endHosted($0, $2) }
        table.on(WatchWorkspace.self) { try $1.supervisor.watchWorkspace($0, $2) }
        table.on(UnwatchWorkspace.self) { try $1.supervisor.unwatchWorkspace($0, $2) }
        table.on(ListWorkspaces.self) { $1.supervisor.listWorkspaces($0, $2) }
        table.on(ListStrays.self) { $1.supervisor.listStrays($0, $2) }
        table.on(AdoptStray.self) { try $1.supervisor.adoptStray($0, $2) }
        table.on(StopStray.self) { try $1.supervisor.stopStray($0, $2) }
        table.on(IgnoreStray.self) { try $1.supervisor.ignoreStray($0, $2) }
        table.on(SubscribeEvents.self) { try $1.subscribeEvents($0, $2) }
        table.on(ListEvents.self) { try $1.listEvents($0, $2) }
        table.on(ListTemplates.self) { $1.supervisor.listTemplates($0, $2) }
        table.on(StartWeb.self) { try $1.supervisor.startWeb($0, $2) }
        table.on(StopWeb.self) { $1.supervisor.stopWeb($0, $2) }
        table.on(WebStatus.self) { $1.supervisor.webStatus($0, $2) }
        table.on(DaemonStatus.self) { $1.status($0, $2) }
        table.on(ReexecDaemon.self) { try $1.reexec($0, $2) }
        table.on(StopDaemon.self) { $1.stop($0, $2) }
        return table
    }
}
