import socket,time
s=socket.create_connection(("127.0.0.1",18700))
t=time.time()
s.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
s.settimeout(200)
while True:
    d=s.recv(4096)
    print(round(time.time()-t,1),len(d),d[:60],flush=True)
    if not d: break
