"""Python's own mail modules against a server. Arguments: host, certificate, account, password, then NAME=PORT pairs."""

import base64
import hashlib
import hmac
import imaplib
import os
import poplib
import smtplib
import ssl
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage

HOST, CERTIFICATE, ACCOUNT, PASSWORD = sys.argv[1:5]
PORTS = {name: int(port) for name, port in (pair.split("=") for pair in sys.argv[5:])}

tls = ssl.create_default_context(cafile=CERTIFICATE)
tls.check_hostname = False


def ok(answer):
    status, data = answer
    assert status == "OK", answer
    return data


def scram(password):
    """RFC 7677 by hand: imaplib knows no SCRAM."""
    nonce = base64.b64encode(os.urandom(18)).decode()
    first = f"n={ACCOUNT},r={nonce}"
    state = {"step": 0}

    def respond(challenge):
        state["step"] += 1
        if state["step"] == 1:
            return f"n,,{first}".encode()
        if state["step"] == 2:
            fields = dict(part.split("=", 1) for part in challenge.decode().split(","))
            assert fields["r"].startswith(nonce)
            salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
            client_key = hmac.digest(salted, b"Client Key", "sha256")
            final = f"c={base64.b64encode(b'n,,').decode()},r={fields['r']}"
            text = f"{first},{challenge.decode()},{final}".encode()
            signature = hmac.digest(hashlib.sha256(client_key).digest(), text, "sha256")
            proof = bytes(a ^ b for a, b in zip(client_key, signature))
            server_key = hmac.digest(salted, b"Server Key", "sha256")
            state["verifier"] = base64.b64encode(hmac.digest(server_key, text, "sha256")).decode()
            return f"{final},p={base64.b64encode(proof).decode()}".encode()
        assert challenge.decode() == f"v={state['verifier']}", challenge
        return b""

    return respond


def send(subject, body):
    message = EmailMessage()
    message["From"] = "友人 <friend@elsewhere.example>"
    message["To"] = ACCOUNT
    message["Subject"] = subject
    message["Message-ID"] = f"<{hashlib.sha1(subject.encode()).hexdigest()}@elsewhere.example>"
    message.set_content(body)
    message.add_attachment(b"\x00\x01\x02" * 1000, maintype="application", subtype="octet-stream", filename="附件.bin")
    with smtplib.SMTP(HOST, PORTS["smtp"]) as smtp:
        smtp.starttls(context=tls)
        smtp.ehlo()
        assert smtp.has_extn("8bitmime") and smtp.has_extn("smtputf8") and smtp.has_extn("size")
        smtp.send_message(message)
        try:
            smtp.sendmail("friend@elsewhere.example", ["nobody@kust.example"], b"Subject: x\r\n\r\nx")
            raise AssertionError("mail for nobody was taken")
        except smtplib.SMTPRecipientsRefused:
            pass
    return message


def read_by_imap(sent):
    with imaplib.IMAP4(HOST, PORTS["imap"]) as imap:
        ok(imap.starttls(tls))
        assert "AUTH=SCRAM-SHA-256" in imap.capabilities, imap.capabilities
        ok(imap.authenticate("SCRAM-SHA-256", scram(PASSWORD)))
        ok(imap.enable("UTF8=ACCEPT"))
        ok(imap.create('"归档 & Résumé"'))
        assert any("归档 & Résumé".encode() in line for line in ok(imap.list()))
        assert ok(imap.select("INBOX")) == [b"1"]
        [uid] = ok(imap.uid("SEARCH", "UNSEEN"))[0].split()
        (_, octets), *_ = ok(imap.uid("FETCH", uid.decode(), "(FLAGS RFC822.SIZE BODY.PEEK[])"))
        found = message_from_bytes(octets, policy=policy.default)
        assert found["Subject"] == sent["Subject"], found["Subject"]
        assert found.get_body().get_content() == sent.get_body().get_content()
        [attached] = found.iter_attachments()
        assert attached.get_filename() == "附件.bin" and attached.get_content() == b"\x00\x01\x02" * 1000
        imap.literal = "你好".encode()
        assert ok(imap.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT")) == [uid]
        ok(imap.uid("STORE", uid.decode(), "+FLAGS", r"(\Seen \Flagged todo)"))
        ok(imap.append('"归档 & Résumé"', r"\Draft", imaplib.Time2Internaldate(1_600_000_000), b"Subject: appended\r\n\r\nx\r\n"))
        ok(imap.uid("COPY", uid.decode(), '"归档 & Résumé"'))
        assert ok(imap.select('"归档 & Résumé"')) == [b"2"]
        assert imap.response("UIDVALIDITY")[1][0].isdigit()
        [dated] = ok(imap.fetch("1", "(INTERNALDATE FLAGS)"))
        assert b'"13-Sep-2020 12:26:40 +0000"' in dated and rb"\Draft" in dated, dated
        ok(imap.store("1", "+FLAGS", r"\Deleted"))
        assert ok(imap.expunge()) == [b"1"]
        ok(imap.close())
    with imaplib.IMAP4_SSL(HOST, PORTS["imaps"], ssl_context=tls) as imap:
        ok(imap.login(ACCOUNT, PASSWORD) if PASSWORD.isascii() else imap.authenticate("PLAIN", lambda _: f"\0{ACCOUNT}\0{PASSWORD}".encode()))
        assert ok(imap.status("INBOX", "(MESSAGES UNSEEN)")) == [b'"INBOX" (MESSAGES 1 UNSEEN 0)']
    with imaplib.IMAP4(HOST, PORTS["imap"]) as imap:
        try:
            imap.login(ACCOUNT, "wrong")
            raise AssertionError("a wrong password was taken")
        except imaplib.IMAP4.error as error:
            assert "AUTHENTICATIONFAILED" in str(error), error


def read_by_pop3(sent):
    poplib._MAXLINE = 20_000
    for pop in (poplib.POP3(HOST, PORTS["pop3"]), poplib.POP3_SSL(HOST, PORTS["pop3s"], context=tls)):
        if not isinstance(pop, poplib.POP3_SSL):
            pop.stls(context=tls)
        assert "UIDL" in pop.capa()
        pop.utf8()
        pop.user(ACCOUNT)
        pop.pass_(PASSWORD)
        count, size = pop.stat()
        assert count == 1, count
        _, lines, octets = pop.retr(1)
        assert octets == size, (octets, size)
        found = message_from_bytes(b"\r\n".join(lines), policy=policy.default)
        assert found["Subject"] == sent["Subject"]
        assert b"\r\n".join(pop.top(1, 0)[1]).startswith(b"Return-Path:")
        assert len(pop.uidl()[1]) == 1
        if isinstance(pop, poplib.POP3_SSL):
            pop.dele(1)
        pop.quit()
    pop = poplib.POP3_SSL(HOST, PORTS["pop3s"], context=tls)
    pop.utf8()
    pop.user(ACCOUNT)
    pop.pass_(PASSWORD)
    assert pop.stat() == (0, 0)
    pop.quit()


sent = send("你好，世界", "第一行\n.\n..两点\n" + "很长" * 2000 + "\n")
read_by_imap(sent)
read_by_pop3(sent)
print("done")
