import CSwiftlet
import Glibc
import Synchronization

/// The objects that C code holds handles to.
///
/// A handle is a number that is given once, and no address: so one that was freed, or belongs to
/// another type, is recognised however it is used, and a call that looks one up keeps the object alive
/// until it ends. The lock is held for one look into a dictionary.
final class HandleTable: Sendable {
  static let shared = HandleTable()

  private struct Entry {
    let object: any AnyObject & Sendable
    /// Who made it: the threads of an engine don't survive a fork.
    let process: pid_t
  }

  private struct State {
    var entries: [UInt: Entry] = [:]
    var last: UInt = 0
  }

  private let state = Mutex(State())

  /// A new handle, never NULL.
  func add(_ object: any AnyObject & Sendable) -> OpaquePointer? {
    let entry = Entry(object: object, process: getpid())
    let handle = state.withLock { state in
      // Odd numbers: no address of anything that is aligned.
      state.last = state.last == 0 ? 1 : state.last + 2
      state.entries[state.last] = entry
      return state.last
    }
    return OpaquePointer(bitPattern: handle)
  }

  /// The object of a live handle.
  ///
  /// - Throws: For NULL, a handle that was freed, one of another type, and one of a parent process.
  func object<Object: AnyObject & Sendable>(
    _ handle: OpaquePointer?, _ type: Object.Type, name: String
  ) throws(Failure) -> Object {
    guard let handle else { throw .argument("\(name) is NULL; load one first") }
    guard let entry = state.withLock({ $0.entries[UInt(bitPattern: handle)] }) else {
      throw .argument("\(name) is no live handle: it was freed, or not made by this library")
    }
    guard let object = entry.object as? Object else {
      throw .argument("\(name) is a handle of another type")
    }
    guard entry.process == getpid() else {
      throw Failure(
        SWIFTLET_ENGINE,
        "\(name) was loaded before this process was forked, and its threads are not here; load it "
          + "after the fork")
    }
    return object
  }

  /// Lets go of an object; it ends with the last call that uses it. Does nothing for NULL and for a
  /// handle that is freed already, or that another process made, whose threads can't be joined here.
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
    // The object's end may take a while, so it comes after the lock.
    withExtendedLifetime(removed) {}
  }
}
