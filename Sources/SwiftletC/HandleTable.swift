import CSwiftlet
import Glibc
import Synchronization

/// Maps the handles of C code to objects.
///
/// Handles are numbers that are never reused, not addresses: the table recognises handles that were
/// freed or have another type, and a call keeps its object alive until it returns.
final class HandleTable: Sendable {
  static let shared = HandleTable()

  private struct Entry {
    let object: any AnyObject & Sendable
    /// The process that added it: an engine's threads don't survive a fork.
    let process: pid_t
  }

  private struct State {
    var entries: [UInt: Entry] = [:]
    var last: UInt = 0
  }

  private let state = Mutex(State())

  /// Adds an object; returns its handle, which is never NULL.
  func add(_ object: any AnyObject & Sendable) -> OpaquePointer? {
    let entry = Entry(object: object, process: getpid())
    let handle = state.withLock { state in
      // Odd numbers, because no aligned address is odd.
      state.last = state.last == 0 ? 1 : state.last + 2
      state.entries[state.last] = entry
      return state.last
    }
    return OpaquePointer(bitPattern: handle)
  }

  /// Returns the object of a live handle.
  ///
  /// - Throws: For NULL and for a handle that was freed, has another type, or is of a parent
  /// process.
  func object<Object: AnyObject & Sendable>(
    _ handle: OpaquePointer?, _ type: Object.Type, name: String
  ) throws(Failure) -> Object {
    guard let handle else { throw .argument("\(name) is NULL; load one first") }
    guard let entry = state.withLock({ $0.entries[UInt(bitPattern: handle)] }) else {
      throw .argument("\(name) is not a live handle: it was freed, or this library did not make it")
    }
    guard let object = entry.object as? Object else {
      throw .argument("\(name) is a handle of another type")
    }
    guard entry.process == getpid() else {
      throw Failure(
        SWIFTLET_ENGINE,
        "\(name) was loaded before the fork, and this process does not have its threads; load it "
          + "after the fork")
    }
    return object
  }

  /// Removes an object, which is released with the last call that uses it. Does nothing for NULL,
  /// for a freed handle, and for one of another process, whose threads can't be joined here.
  func remove<Object: AnyObject & Sendable>(_ handle: OpaquePointer?, _ type: Object.Type) {
    guard let handle else { return }
    let removed = state.withLock { state -> Entry? in
      let key = UInt(bitPattern: handle)
      guard let entry = state.entries[key], entry.object is Object, entry.process == getpid() else {
        return nil
      }
      state.entries[key] = nil
      return entry
    }
    // Releasing an engine joins its threads, so it happens outside the lock.
    withExtendedLifetime(removed) {}
  }
}
