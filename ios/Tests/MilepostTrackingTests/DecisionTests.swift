import Foundation
import MilepostKit
import XCTest

@testable import MilepostTracking

/// What is decided without any phone: clocks, plans, permissions, being awake, words.
final class DecisionTests: XCTestCase {
    private let s: Int64 = 1_000_000_000

    func testStampsRunThroughSleepAndThoseFromBeforeItKeepTheirTime() {
        var axis = AxisClock()
        XCTAssertNil(axis.motionNs(uptimeS: 1))
        _ = axis.look(clocks(uptimeS: 100, continuousS: 100))
        _ = axis.look(clocks(uptimeS: 110, continuousS: 110))
        XCTAssertEqual(axis.motionNs(uptimeS: 109), 109 * s)
        // An hour's sleep.
        _ = axis.look(clocks(uptimeS: 112, continuousS: 3712))
        XCTAssertEqual(axis.motionNs(uptimeS: 112), 3712 * s)
        XCTAssertEqual(axis.motionNs(uptimeS: 109), 109 * s)
        XCTAssertEqual(axis.motionNs(uptimeS: 110.2), 110_200_000_000, "nearer to the look before the sleep")
        XCTAssertEqual(axis.motionNs(uptimeS: 111.9), 3_711_900_000_000, "nearer to the look after it")
        // Another hour; three relations are known.
        _ = axis.look(clocks(uptimeS: 120, continuousS: 7320))
        XCTAssertEqual(axis.motionNs(uptimeS: 121), 7321 * s)
        XCTAssertEqual(axis.motionNs(uptimeS: 113), 3713 * s)
        XCTAssertEqual(axis.motionNs(uptimeS: 50), 50 * s)
    }

    func testTheShakingOfThreeClocksShakesNoStamp() {
        var axis = AxisClock()
        for i in 0..<100 {
            var now = clocks(uptimeS: Int64(i), continuousS: Int64(i))
            now.uptimeNs += Int64(i % 3) * 100_000
            _ = axis.look(now)
            let tNs = axis.motionNs(uptimeS: Double(i))
            XCTAssertEqual(tNs, Int64(i) * s)
        }
    }

    func testAWallClockThatJumpsIsToldOnceAndPositionsKeepTheirTime() {
        var axis = AxisClock()
        XCTAssertTrue(axis.look(clocks(uptimeS: 100, continuousS: 100)), "never told before")
        XCTAssertFalse(axis.look(clocks(uptimeS: 101, continuousS: 101)))
        let wall = { (continuousS: Int64) in 1_767_600_000_000 + continuousS * 1000 }
        XCTAssertEqual(axis.wallNs(wall(100), nowNs: 102 * s), 100 * s)
        // Set back by an hour between the measurement and its arrival, and later again.
        var back = clocks(uptimeS: 103, continuousS: 103)
        back.wallMs -= 3_600_000
        XCTAssertTrue(axis.look(back))
        XCTAssertFalse(axis.look(back))
        XCTAssertEqual(axis.wallNs(wall(102), nowNs: 103 * s), 102 * s)
        XCTAssertEqual(axis.wallNs(wall(104) - 3_600_000, nowNs: 105 * s), 104 * s)
        // And set forward.
        XCTAssertTrue(axis.look(clocks(uptimeS: 110, continuousS: 110)))
        XCTAssertEqual(axis.wallNs(wall(109) - 3_600_000, nowNs: 110 * s), 109 * s)
        XCTAssertEqual(axis.wallNs(wall(111), nowNs: 111 * s), 111 * s)
        XCTAssertEqual(axis.wallNs(wall(999), nowNs: 112 * s), 112 * s, "never in the future")
    }

    func testAPlanIsObeyedOnceAndOnlyWhatChanges() {
        var follower = PlanFollower()
        XCTAssertEqual(follower.follow(nil), [], "before the engine has spoken, the fence of the process before stays")
        let fence = SensingPlan.WakeFence(latDeg: 52.5, lonDeg: 13.4, radiusM: 150)
        var plan = SensingPlan(gnss: .lowPower, imuHz: 0, activity: true, wakeFence: fence, nextTickNs: 5, reason: .idle)
        XCTAssertEqual(
            follower.follow(plan),
            [.locations(.watch), .imu(hz: 0), .fence(fence), .activities(true), .tick(5)])
        XCTAssertEqual(follower.follow(plan), [])
        plan.imuHz = 400
        plan.reason = .stirring
        XCTAssertEqual(follower.follow(plan), [.locations(.awake), .imu(hz: 100)], "motion sensors need a running app")
        plan.gnss = .on(intervalS: 1)
        plan.wakeFence = nil
        XCTAssertEqual(follower.follow(plan), [.locations(.receiver), .fence(nil)])
        plan.gnss = .on(intervalS: 5)
        XCTAssertEqual(follower.follow(plan), [], "the receiver has no rate; fixes are thinned")
        follower.renew()
        XCTAssertEqual(follower.follow(plan), [.locations(.receiver), .fence(nil), .activities(true)])
        XCTAssertEqual(
            follower.follow(.nothing),
            [.locations(.off), .imu(hz: 0), .activities(false), .tick(nil)])
    }

    func testFixesAreThinnedToThePlansInterval() {
        func taken(_ gnss: SensingPlan.GNSS) -> Int {
            var thinning = Thinning()
            return (0..<60).filter { thinning.takes(Int64($0) * s + Int64($0 % 3) * 100_000_000, gnss) }.count
        }
        XCTAssertEqual(taken(.on(intervalS: 1)), 60)
        XCTAssertEqual(taken(.on(intervalS: 5)), 12)
        XCTAssertEqual(taken(.lowPower), 60)
    }

    func testEachQuestionIsAskedInItsOrderAndASecondTimeOnlyTheSettingsHelp() {
        func step(_ location: LocationPermission, _ motion: MotionPermission, _ asked: Set<Permissions.Step> = [])
            -> (Permissions.Step?, Permissions.Way)
        {
            let permissions = Permissions(location: location, motion: motion, asked: asked)
            return (permissions.next, permissions.way)
        }
        XCTAssertTrue(step(.notAsked, .notAsked) == (.location, .ask))
        XCTAssertTrue(step(.notAsked, .notAsked, [.location]) == (.location, .ask), "Allow Once is over: it asks again")
        XCTAssertTrue(step(.denied, .notAsked) == (.location, .settings))
        XCTAssertTrue(step(.whileInUse(precise: false), .notAsked) == (.precise, .settings))
        XCTAssertTrue(step(.whileInUse(precise: true), .notAsked) == (.motion, .ask))
        XCTAssertTrue(step(.whileInUse(precise: true), .denied) == (.motion, .settings))
        XCTAssertTrue(step(.whileInUse(precise: true), .allowed) == (.always, .ask))
        XCTAssertTrue(
            step(.whileInUse(precise: true), .allowed, [.always]) == (.always, .settings),
            "after Allow Once, iOS never calls back")
        XCTAssertTrue(step(.always(precise: true), .unavailable) == (nil, .ask))
        XCTAssertEqual(LocationPermission.whileInUse(precise: false).signal, "while_in_use:reduced")
        XCTAssertEqual(LocationPermission.notAsked.signal, "denied")
    }

    func testTheDatabaseIsOpenExactlyWhileSomethingLetsTheAppRun() {
        var awake = Awake(isForeground: true)
        XCTAssertNil(awake.move())
        awake.isForeground = false
        XCTAssertEqual(awake.move(), .suspend)
        XCTAssertNil(awake.move(), "said once")
        awake.begin()
        awake.begin()
        XCTAssertEqual(awake.move(), .resume)
        awake.end()
        XCTAssertNil(awake.move())
        awake.end()
        XCTAssertEqual(awake.move(), .suspend)
        awake.begin()
        XCTAssertEqual(awake.move(), .resume)
        awake.expire()
        XCTAssertEqual(awake.move(), .suspend, "time is up, whoever still works")
        awake.end()
        awake.isContinuous = true
        XCTAssertEqual(awake.move(), .resume)
        awake.isContinuous = false
        XCTAssertEqual(awake.move(), .suspend)
    }

    func testOfSeveralActivitiesTheVehicleCounts() {
        let atALight = PhoneActivity(wallMs: 0, stationary: true, automotive: true, confidence: .high)
        XCTAssertEqual(atALight.word, "automotive")
        XCTAssertEqual(PhoneActivity(wallMs: 0, stationary: true, confidence: .low).word, "still")
        XCTAssertEqual(PhoneActivity(wallMs: 0, confidence: .low).word, "unknown")
        XCTAssertEqual(PhoneActivity(wallMs: 0, walking: true, running: true, confidence: .low).word, "running")
    }

    func testStepsThatBeginAnewGoOnCounting() {
        var steps = StepCount()
        XCTAssertEqual(steps.add(10), 10)
        XCTAssertEqual(steps.add(25), 25)
        XCTAssertNil(steps.add(25))
        XCTAssertEqual(steps.add(3), 28, "the pedometer began anew")
        XCTAssertNil(StepCount().first(0))
    }

    func testASessionsAnswerIsWhatItMeans() {
        XCTAssertEqual(
            UploadAnswer.outcome(status: 503, retryAfter: "9", body: Data([1]), error: nil),
            .answer(status: 503, retryAfter: "9", body: Data([1])))
        XCTAssertEqual(
            UploadAnswer.outcome(status: nil, retryAfter: nil, body: Data(), error: nil), .failed(reason: "no answer"))
        guard case .failed = UploadAnswer.outcome(
            status: 200, retryAfter: nil, body: Data(), error: URLError(.networkConnectionLost))
        else { return XCTFail("torn on the way") }
    }

    private func clocks(uptimeS: Int64, continuousS: Int64) -> Clocks {
        Clocks(
            uptimeNs: uptimeS * s, continuousNs: continuousS * s, wallMs: 1_767_600_000_000 + continuousS * 1000)
    }
}

extension StepCount {
    fileprivate func first(_ count: Int) -> Int? {
        var steps = self
        return steps.add(count)
    }
}
