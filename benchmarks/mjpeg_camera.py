#!/usr/bin/python3
"""A camera that sends MJPEG over HTTP for the measurement: 1280x720, 30 fps, one encoder for each connection. Prints its port."""
import http.server
import shutil
import subprocess

COMMAND = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30", "-c:v", "mjpeg", "-q:v", "5", "-f", "mpjpeg", "-"]


class Camera(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=ffmpeg")
        self.end_headers()
        with subprocess.Popen(COMMAND, stdout=subprocess.PIPE) as encoder:
            try:
                shutil.copyfileobj(encoder.stdout, self.wfile, 16384)
            except OSError:
                pass
            finally:
                encoder.kill()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
print(server.server_address[1], flush=True)
server.serve_forever()
