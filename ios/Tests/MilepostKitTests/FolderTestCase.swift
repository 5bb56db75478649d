import Foundation
import MilepostKit
import XCTest

/// A test with a folder of its own.
class FolderTestCase: XCTestCase {
    private(set) var directory = FileManager.default.temporaryDirectory

    override func setUpWithError() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: directory)
    }

    /// A folder inside it that is not there yet.
    func fresh(_ name: String) -> URL {
        directory.appendingPathComponent(name)
    }

    /// The reason for which the library refuses a call as invalid input.
    func refusal(_ call: () throws -> Void, line: UInt = #line) -> String {
        do {
            try call()
            XCTFail("not refused", line: line)
        } catch MilepostError.InvalidInput(let reason) {
            return reason
        } catch {
            XCTFail("\(error)", line: line)
        }
        return ""
    }
}
