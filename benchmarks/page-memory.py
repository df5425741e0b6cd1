#!/usr/bin/python3
"""Memory of the live page over time: benchmarks/page-memory.py [MINUTES] (10 by default).

Runs the demo, opens its page in the installed Chromium (headless), and every ten seconds collects garbage and reads the JavaScript heap, the nodes and the
listeners of the page, and the resident memory of its renderer. After two minutes of warming up a line is laid through the rest (Theil-Sen: the median of all
slopes, which one odd sample does not move), and says what would come on top in four hours. Needs python3 and chromium, nothing else.
"""
import base64, json, os, re, shutil, socket, statistics, struct, subprocess, sys, tempfile, time, urllib.request

EVERY, WARM_UP, HOURS = 10.0, 120.0, 4


class DevTools:
    """The browser's own debugging protocol over a WebSocket, as much of both as is needed."""

    def __init__(self, url):
        host, port, path = re.fullmatch(r"ws://([^:/]+):(\d+)(/.*)", url).groups()
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        while self.file.readline().strip():
            pass
        self.id = 0

    def call(self, method, **params):
        self.id += 1
        data = json.dumps({"id": self.id, "method": method, "params": params}).encode()
        head = b"\x81" + (bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data)))
        self.socket.sendall(head + b"\0\0\0\0" + data)
        while True:
            answer = json.loads(self.message())
            if answer.get("id") == self.id:
                return answer["result"]

    def message(self):
        whole = b""
        while True:
            first, length = self.file.read(2)
            length &= 0x7F
            if length == 126:
                length, = struct.unpack(">H", self.file.read(2))
            elif length == 127:
                length, = struct.unpack(">Q", self.file.read(8))
            whole += self.file.read(length)
            if first & 0x80:
                return whole


def resident_mb(browser):
    """Of the largest renderer below a process."""
    largest, below = 0, {browser}
    for pid in sorted(int(p) for p in os.listdir("/proc") if p.isdigit()):
        try:
            stat = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            if int(stat[1]) in below:
                below.add(pid)
                if b"--type=renderer" in open(f"/proc/{pid}/cmdline", "rb").read():
                    largest = max(largest, int(stat[21]) * os.sysconf("SC_PAGESIZE") / 1048576)
        except (OSError, IndexError):
            continue
    return largest


def wait_for(what, look, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    sys.exit(f"page-memory: {what} did not come within {seconds} s")


def slope(points):
    slopes = [(y2 - y1) / (x2 - x1) for i, (x1, y1) in enumerate(points) for x2, y2 in points[i + 1:]]
    return statistics.median(slopes) if slopes else float("nan")


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    chromium = shutil.which("chromium") or sys.exit("page-memory: needs chromium (Debian: apt-get install chromium)")
    folder = tempfile.mkdtemp(prefix="page-memory.")
    log = open(os.path.join(folder, "demo.log"), "w+")
    warm_up = min(WARM_UP, minutes * 20)
    demo = subprocess.Popen([os.path.join(root, "realtimessl"), "demo", "--no-browser", "--no-video", "--web-port", "0", "--seconds", str(minutes * 60 + 120), "--out", os.path.join(folder, "run")],
                            stdout=log, stderr=subprocess.STDOUT)
    browser = None
    try:
        url = wait_for("the demo's page", lambda: next(iter(re.findall(r"http://[0-9.:]+/", open(log.name).read())), None), 300)
        browser = subprocess.Popen([chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--no-first-run",
                                    "--window-size=1440,900", f"--user-data-dir={folder}/profile", url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = wait_for("chromium", lambda: os.path.exists(f"{folder}/profile/DevToolsActivePort") and open(f"{folder}/profile/DevToolsActivePort").read().split()[0])
        pages = wait_for("the page", lambda: [p for p in json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json")) if p["type"] == "page" and p["url"].startswith(url)])
        page = DevTools(pages[0]["webSocketDebuggerUrl"])
        page.call("Performance.enable")
        began, samples = time.monotonic(), []
        print("      s   heap MB   renderer MB   nodes   listeners   frame")
        while time.monotonic() - began < minutes * 60:
            time.sleep(EVERY)
            page.call("HeapProfiler.collectGarbage")
            metric = {m["name"]: m["value"] for m in page.call("Performance.getMetrics")["metrics"]}
            seq = page.call("Runtime.evaluate", expression="document.querySelector('#picture').dataset.seq")["result"].get("value")
            sample = (time.monotonic() - began, metric["JSHeapUsedSize"] / 1048576, resident_mb(browser.pid), metric["Nodes"], metric["JSEventListeners"], seq)
            samples.append(sample)
            print("%7.0f %9.2f %13.1f %7.0f %11.0f   %s" % sample, flush=True)
        kept = [s for s in samples if s[0] >= warm_up]
        if int(kept[-1][5]) <= int(kept[0][5]):
            sys.exit("page-memory: the page stood still")
        for name, column, unit in (("heap", 1, "MB"), ("renderer", 2, "MB"), ("nodes", 3, ""), ("listeners", 4, "")):
            print(f"{name}: {kept[0][column]:.1f} after warming up, {kept[-1][column]:.1f} at the end; in {HOURS} h at this rate {slope([(s[0], s[column]) for s in kept]) * HOURS * 3600:+.1f} {unit}")
    finally:
        for process in (browser, demo):
            if process:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
        shutil.rmtree(folder, ignore_errors=True)


main()
