"""The picture of now, pushed to the ward's media server over RTMP or RTSP, each with or without TLS.

Packets are tapped on their way from capture to footage (`tap.py`), one push at a time runs in each of a few workers
(`job.py`), and the desk (`desk.py`) is where commands begin and end them. FFmpeg makes FLV tags and RTP packets into
memory; the few words of dialog with the server and the socket are our own, so that every byte is paced and counted by
the household's budget, nothing listens on this machine, and the server sees the node's own certificate.
"""
