"""Python's smtplib as a sender. Arguments: host, certificate, account, password, STARTTLS port, TLS port, recipients."""

import smtplib
import ssl
import sys
from email.message import EmailMessage

HOST, CERTIFICATE, ACCOUNT, PASSWORD, STARTTLS_PORT, TLS_PORT, *RECIPIENTS = sys.argv[1:]

tls = ssl.create_default_context(cafile=CERTIFICATE)
tls.check_hostname = False


def letter(author, subject):
    message = EmailMessage()
    message["From"] = author
    message["To"] = ", ".join(RECIPIENTS)
    message["Subject"] = subject
    message.set_content("第一封信\n.\n")
    return message


with smtplib.SMTP(HOST, int(STARTTLS_PORT), timeout=20) as client:
    client.starttls(context=tls)
    client.login(ACCOUNT, PASSWORD)
    # One of them is refused: the others have it.
    refused = client.send_message(letter(ACCOUNT, "smtplib, STARTTLS"))
    assert list(refused) == [RECIPIENTS[-1]], refused
    code, text = refused[RECIPIENTS[-1]]
    assert code == 550 and text.startswith(b"5.1.1 "), refused
    try:
        client.send_message(letter("boss@elsewhere.example", "foreign"), from_addr=ACCOUNT)
        raise SystemExit("a foreign From was taken")
    except smtplib.SMTPDataError as error:
        assert error.smtp_code == 550 and b"not one of your addresses" in error.smtp_error, error
    # With SMTPUTF8 the refusal may be Chinese.
    try:
        client.sendmail("boss@elsewhere.example", RECIPIENTS, b"Subject: x\r\n\r\nx", mail_options=["SMTPUTF8"])
        raise SystemExit("a foreign envelope sender was taken")
    except smtplib.SMTPSenderRefused as error:
        assert error.smtp_code in (550, 553) and "请更换发件人".encode() in error.smtp_error, error

with smtplib.SMTP_SSL(HOST, int(TLS_PORT), context=tls, timeout=20) as client:
    try:
        client.login(ACCOUNT, PASSWORD + "x")
        raise SystemExit("a wrong password was taken")
    except smtplib.SMTPAuthenticationError as error:
        assert error.smtp_code == 535 and error.smtp_error.startswith(b"5.7.8 "), error
    client.user, client.password = ACCOUNT, PASSWORD
    client.auth("login", client.auth_login)
    assert not client.send_message(letter(ACCOUNT, "smtplib, TLS"), to_addrs=RECIPIENTS[:-1])
print("done")
