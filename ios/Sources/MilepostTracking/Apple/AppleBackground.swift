#if canImport(BackgroundTasks) && (os(iOS) || MILEPOST_STANDINS)
    import BackgroundTasks
    import Foundation

    /// Time in the background: expiring activities, and one refresh task that wakes the app.
    final class AppleBackground: BackgroundPort, @unchecked Sendable {
        private let lock = NSLock()
        private var timer: DispatchSourceTimer?

        /// `tell` hears of a wake-up. Must be made before the app has finished launching, or iOS refuses the task.
        init(_ tell: @escaping @Sendable (PlatformEvent) -> Void) {
            BGTaskScheduler.shared.register(forTaskWithIdentifier: Platform.wakeTaskID, using: nil) { task in
                let end = TaskEnd(task)
                task.expirationHandler = { end.say(success: false) }
                tell(.woken { end.say(success: true) })
            }
        }

        func perform(_ reason: String, _ work: @escaping @Sendable (_ expired: Bool) -> Void) {
            ProcessInfo.processInfo.performExpiringActivity(withReason: reason, using: work)
        }

        func wake(at date: Date?) {
            BGTaskScheduler.shared.cancel(taskRequestWithIdentifier: Platform.wakeTaskID)
            guard let date else { return }
            let request = BGAppRefreshTaskRequest(identifier: Platform.wakeTaskID)
            request.earliestBeginDate = date
            // Refused in a simulator and where the person has switched background refresh off: the fence still wakes.
            try? BGTaskScheduler.shared.submit(request)
        }

        func alarm(afterS: Double?, _ work: @escaping @Sendable () -> Void) {
            lock.withLock {
                timer?.cancel()
                timer = nil
                guard let afterS else { return }
                let next = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
                next.schedule(deadline: .now() + afterS, leeway: .seconds(1))
                next.setEventHandler(handler: work)
                next.resume()
                timer = next
            }
        }
    }

    /// Says once how a task has ended, from any thread.
    private final class TaskEnd: @unchecked Sendable {
        private let lock = NSLock()
        private var task: BGTask?

        init(_ task: BGTask) {
            self.task = task
        }

        func say(success: Bool) {
            lock.withLock { defer { task = nil }; return task }?.setTaskCompleted(success: success)
        }
    }
#endif
