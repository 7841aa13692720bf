"""Hostile clients against a served example store, and somebody else who asks for a page meanwhile.

What is counted are answers and the CPU time of the server's processes, never the time on the wall:
a slow or busy machine makes this longer, not wrong.  WARD_DOORS_SIGN_INS makes the flood another size.
"""
import http.client, os, resource, shutil, signal, socket, subprocess, sys, tempfile, threading, time, urllib.parse

WARD = sys.argv[1]
PASSWORD = "correct horse battery staple"
PATIENCE = 60  # seconds before an answer counts as none
SIGN_INS = int(os.environ.get("WARD_DOORS_SIGN_INS", "10000"))
folder = tempfile.mkdtemp(prefix="ward-doors-")
store = os.path.join(folder, "store")
count = failed = 0


def check(good, claim, note=""):
    global count, failed
    count += 1
    failed += not good
    print("%sok %d - %s%s" % ("" if good else "not ", count, claim, " # " + note if note else ""), flush=True)


def port_free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# The connections held are descriptors, of this program and of the server that it starts.
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, most), most))

port = port_free()


def ask(method, path, body=None, headers=None):
    """Status, headers and body of a request on a connection of its own; 0 when there was no answer."""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        c.request(method, path, body, headers or {})
        r = c.getresponse()
        return r.status, r.headers, r.read()
    except (OSError, http.client.HTTPException):
        return 0, {}, b""
    finally:
        c.close()


def sign_in(name, password):
    return ask("POST", "/login", urllib.parse.urlencode({"name": name, "password": password}),
               {"Content-Type": "application/x-www-form-urlencoded"})


def family(pid):
    out = [pid]
    for p in os.listdir("/proc"):
        if p.isdigit():
            try:
                parent = int(open("/proc/%s/stat" % p).read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                out += family(int(p))
    return out


def cpu():
    """Seconds of CPU of monitor, server and keeper."""
    ticks = 0
    for p in family(monitor.pid):
        try:
            field = open("/proc/%d/stat" % p).read().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(field[11]) + int(field[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def settle():
    """Waits, for a while, until what was asked has been worked off: its cost is not a page's."""
    end = time.time() + 20
    while time.time() < end:
        began = cpu()
        time.sleep(0.5)
        if cpu() - began < 0.02:
            return


def others_are_served(claim, cookie):
    """Twenty pages of somebody who is signed in at once, twenty later for less than 50 ms of CPU each."""
    seen = [ask("GET", "/RSK-05", None, {"Cookie": cookie})[0] for _ in range(20)]
    settle()
    began = cpu()
    seen += [ask("GET", "/RSK-05", None, {"Cookie": cookie})[0] for _ in range(20)]
    each = (cpu() - began) / 20
    bad = [s for s in seen if s != 200]
    check(not bad, claim + ": every page of somebody else arrives", "not good: %s" % bad if bad else "")
    most = 0.05 * (8 if "test" in WARD else 1)  # sanitizers cost several times as much
    check(each < most, claim + ": a page costs little", "%.1f ms of CPU" % (each * 1000))


def dial():
    s = socket.create_connection(("127.0.0.1", port), PATIENCE)
    s.setblocking(True)
    return s


def close_all(socks):
    for s in socks:
        s.close()


def try_host():
    for host, want in (("127.0.0.1:%d" % port, 200), ("localhost", 200), ("evil.example", 421),
                       ("127.0.0.1.evil.example", 421)):
        for path in ("/login", "/api/v1/openapi.json"):
            got = ask("GET", path, None, {"Host": host})[0]
            check(got == want, "%s with Host %s is %d" % (path, host.replace(str(port), "PORT"), want), str(got))
    got = ask("POST", "/login", "name=mei&password=x", {"Host": "evil.example", "Origin": "http://evil.example",
              "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"})[0]
    check(got == 421, "a page that points its name to us may not sign anybody in", str(got))


def try_slow_readers(cookie):
    socks = []
    for _ in range(200):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        s.connect(("127.0.0.1", port))
        s.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40)
        socks.append(s)
    others_are_served("200 readers that do not read", cookie)
    close_all(socks)


def try_slow_uploads(cookie):
    socks = []
    for _ in range(200):
        s = dial()
        s.sendall(b"POST /api/v1/risks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  b"Content-Length: 1000000\r\n\r\n" + b"a" * 2000)
        socks.append(s)
    others_are_served("200 slow uploads of strangers", cookie)
    got = set()
    for s in socks[:20]:
        s.settimeout(PATIENCE)
        try:
            got.add(s.recv(12)[9:12])
        except OSError:
            got.add(b"")
    check(got == {b"401"}, "their bodies are refused before they are read", str(got))
    close_all(socks)


def hold(address, count):
    """So many connections from an address that say nothing more."""
    socks = []
    for _ in range(count):
        s = socket.socket()
        s.bind((address, 0))
        s.settimeout(PATIENCE)
        s.connect(("127.0.0.1", port))
        try:
            s.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\n")
        except OSError:
            pass  # it made room for another one already
        socks.append(s)
    return socks


def try_idle(cookie):
    socks = hold("127.0.0.1", 1200)
    others_are_served("1,200 connections of the same address that say nothing more", cookie)
    for n in range(2, 5):
        socks += hold("127.0.0.%d" % n, 700)
    others_are_served("3,300 connections of four addresses that say nothing more", cookie)
    close_all(socks)


def try_sign_ins(cookie):
    """As many as are left are asked for by 150 connections that do not wait for each other; the names
    are one, few and ever new ones, with a password, without, and from several addresses."""
    left, seen, lock = [SIGN_INS], {}, threading.Lock()

    def guess(i):
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE, source_address=("127.0.0.%d" % (50 + i % 8), 0))
        while True:
            with lock:
                left[0] -= 1
                n = left[0]
            if n < 0:
                return c.close()
            name = ("tomas", "nobody%d" % (n % 50), "new%d" % n)[n % 3]
            body = urllib.parse.urlencode({"name": name, "password": "" if n % 5 == 0 else "a wrong password %d" % n})
            try:
                c.request("POST", "/login", body, {"Content-Type": "application/x-www-form-urlencoded"})
                r = c.getresponse()
                r.read()
                status = r.status
            except (OSError, http.client.HTTPException):
                c.close()
                status = 0
            with lock:
                seen[status] = seen.get(status, 0) + 1

    threads = [threading.Thread(target=guess, args=(i,), daemon=True) for i in range(150)]
    began, bad, longest = time.time(), [], 0
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        asked = time.time()
        status = ask("GET", "/RSK-05", None, {"Cookie": cookie})[0]
        longest = max(longest, time.time() - asked)
        bad += [status] if status != 200 else []
        time.sleep(0.1)
    print("# %.0f s, the longest page of somebody else %.2f s, answers %s" % (time.time() - began, longest, seen))
    check(not bad, "during %d hostile sign-ins every page of somebody else arrives" % SIGN_INS, str(bad))
    check(set(seen) <= {422, 503} and sum(seen.values()) == SIGN_INS, "each of them is refused", str(seen))
    others_are_served("after %d hostile sign-ins" % SIGN_INS, cookie)


def main():
    global monitor
    subprocess.run([WARD, "init", "--demo", store], check=True, stdout=subprocess.DEVNULL)
    monitor = subprocess.Popen([WARD, "serve", "--store", store, "--listen", "127.0.0.1:%d" % port],
                               stderr=open(os.path.join(folder, "log"), "wb"))
    try:
        end = time.time() + PATIENCE
        while time.time() < end and ask("GET", "/login")[0] != 200:
            time.sleep(0.1)
        status, headers, _ = sign_in("mei", PASSWORD)
        check(status == 303, "mei signs in", str(status))
        cookie = (headers.get("Set-Cookie") or "").split(";")[0]
        try_host()
        try_slow_readers(cookie)
        try_slow_uploads(cookie)
        try_idle(cookie)
        try_sign_ins(cookie)
        others_are_served("when all are gone", cookie)
    finally:
        monitor.send_signal(signal.SIGTERM)
        try:
            monitor.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            monitor.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print("1..%d" % count)
    return failed > 0


sys.exit(main())
