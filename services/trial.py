"""A test message through one channel: real, numbered as a rehearsal, and written nowhere."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from notifications.envelope import Channel, Envelope, Outcome, Scope, Verdict
from planning.basis import DeliveryPolicy


def try_channel(channel: Channel, policy: DeliveryPolicy, *, address: str, now: datetime) -> Outcome:
    """Hand over one message that says it is a test. The answer is the provider's own."""
    local = now.astimezone(policy.tz)
    ref = f"TEST-{local:%Y%m%d%H%M%S}"
    words = f"这是{policy.office}“{policy.title}”的测试消息，收到即表示渠道可用，无需回复。编号 {ref}。"
    envelope = Envelope(
        ref=ref,
        address=address,
        name="",
        subject=f"【{policy.title}】渠道测试 {local:%H:%M:%S}",
        text=words + "\n",
        html=f"<p>{words}</p>",
        headers={"Message-ID": f"<{ref.lower()}@{policy.mail_domain}>", "Date": format_datetime(local)},
    )
    outcome = channel.hand_over(envelope, marker=lambda: True)
    return outcome or Outcome(Verdict.DEFERRED, Scope.CHANNEL, words="没有发出")
