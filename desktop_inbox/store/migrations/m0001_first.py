"""The first released shape: written out, so that what comes later does not change it."""

from __future__ import annotations

from typing import Any


def upgrade(op: Any) -> None:
    """Create every table."""
    for statement in _STATEMENTS:
        op.execute(statement)


_STATEMENTS = (
    """
    CREATE TABLE account (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        address TEXT NOT NULL,
        settings TEXT NOT NULL,
        enabled BOOLEAN DEFAULT 1 NOT NULL,
        removed BOOLEAN DEFAULT 0 NOT NULL,
        state TEXT DEFAULT 'starting' NOT NULL,
        state_detail TEXT,
        last_sync_at INTEGER,
        progress_done INTEGER DEFAULT 0 NOT NULL,
        progress_total INTEGER DEFAULT 0 NOT NULL,
        clocks_from INTEGER,
        limits TEXT DEFAULT '{}' NOT NULL,
        templates TEXT DEFAULT '[]' NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    """
    CREATE TABLE agent (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        name TEXT NOT NULL,
        email TEXT DEFAULT '' NOT NULL,
        signature TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    """
    CREATE TABLE canned_response (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        title TEXT NOT NULL,
        shortcut TEXT NOT NULL,
        body TEXT NOT NULL,
        bodies TEXT DEFAULT '{}' NOT NULL,
        folder TEXT DEFAULT '' NOT NULL,
        files TEXT DEFAULT '[]' NOT NULL,
        channels TEXT DEFAULT '[]' NOT NULL,
        tag TEXT DEFAULT '' NOT NULL,
        status TEXT DEFAULT '' NOT NULL,
        steps TEXT DEFAULT '[]' NOT NULL,
        uses INTEGER DEFAULT 0 NOT NULL,
        used_at INTEGER,
        deleted BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    "CREATE INDEX ix_canned_response_shortcut ON canned_response (shortcut)",
    """
    CREATE TABLE change_log (
        seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        origin TEXT NOT NULL,
        changes TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE customer (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        name TEXT NOT NULL,
        company TEXT DEFAULT '' NOT NULL,
        notes TEXT DEFAULT '' NOT NULL,
        merged_into_id INTEGER,
        first_seen_at INTEGER NOT NULL,
        vip BOOLEAN DEFAULT 0 NOT NULL,
        blocked BOOLEAN DEFAULT 0 NOT NULL,
        language TEXT DEFAULT '' NOT NULL,
        time_zone TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid),
        FOREIGN KEY(merged_into_id) REFERENCES customer (id)
    )
    """,
    """
    CREATE INDEX customer_merged ON customer (merged_into_id) WHERE merged_into_id IS NOT NULL
    """,
    """
    CREATE TABLE customer_apart (
        one TEXT NOT NULL,
        other TEXT NOT NULL,
        PRIMARY KEY (one, other)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE customer_field (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT DEFAULT '' NOT NULL,
        choices TEXT,
        deleted BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    """
    CREATE TABLE customer_value (
        customer_id INTEGER NOT NULL,
        field_id INTEGER NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (customer_id, field_id),
        FOREIGN KEY(customer_id) REFERENCES customer (id),
        FOREIGN KEY(field_id) REFERENCES customer_field (id)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE device (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    """
    CREATE TABLE event (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        hlc TEXT NOT NULL,
        device TEXT NOT NULL,
        actor TEXT NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        group_uid TEXT NOT NULL,
        undo_of TEXT,
        conversation TEXT,
        changes TEXT NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    "CREATE INDEX event_conversation ON event (conversation, hlc)",
    "CREATE INDEX event_kind ON event (kind, hlc)",
    "CREATE INDEX event_group ON event (group_uid, hlc, kind)",
    "CREATE INDEX event_undo ON event (undo_of) WHERE undo_of IS NOT NULL",
    "CREATE INDEX ix_event_hlc ON event (hlc)",
    """
    CREATE TABLE field_clock (
        entity TEXT NOT NULL,
        uid TEXT NOT NULL,
        field TEXT NOT NULL,
        hlc TEXT NOT NULL,
        PRIMARY KEY (entity, uid, field)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE sla_calendar (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        versions TEXT NOT NULL,
        deleted BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    """
    CREATE TABLE sla_policy (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        versions TEXT NOT NULL,
        deleted BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    """
    CREATE TABLE saved_view (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        name TEXT NOT NULL,
        condition TEXT,
        position TEXT DEFAULT '' NOT NULL,
        deleted BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    """
    CREATE TABLE tag (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        name TEXT NOT NULL,
        hue INTEGER NOT NULL,
        deleted BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    "CREATE INDEX ix_tag_name ON tag (name)",
    """
    CREATE TABLE workspace (
        id INTEGER NOT NULL CHECK (id = 1),
        uid TEXT NOT NULL,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        mail_key TEXT NOT NULL,
        automation_stopped_at INTEGER,
        automation_left_off BOOLEAN DEFAULT 0 NOT NULL,
        clocks_up_to INTEGER,
        PRIMARY KEY (id),
        UNIQUE (uid)
    )
    """,
    """
    CREATE TABLE conversation (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        customer_id INTEGER,
        customer_origin_id INTEGER,
        subject TEXT NOT NULL,
            status TEXT NOT NULL CONSTRAINT status_is_known CHECK (status IN ('open', 'snoozed',
            'closed', 'spam', 'trash')),
            priority TEXT DEFAULT 'normal' NOT NULL CONSTRAINT priority_is_known CHECK (priority
            IN ('low', 'normal', 'high', 'urgent')),
        assignee_id INTEGER,
        snoozed_until INTEGER,
        snoozed_until_reply BOOLEAN DEFAULT 0 NOT NULL,
        snooze_stays BOOLEAN DEFAULT 0 NOT NULL,
        starred BOOLEAN DEFAULT 0 NOT NULL,
        follow_up_at INTEGER,
        follow_up_since INTEGER,
        woke_at INTEGER,
        woke_why TEXT,
        merged_into_id INTEGER,
        pinned_policy TEXT,
        created_at INTEGER NOT NULL,
        account_id INTEGER,
        channel TEXT DEFAULT '' NOT NULL,
        last_at INTEGER NOT NULL,
        last_in_at INTEGER,
        waiting_since INTEGER,
        next_due_at INTEGER,
        warn_at INTEGER,
        due_clock TEXT,
        due_state TEXT,
        unread INTEGER DEFAULT 0 NOT NULL,
        message_count INTEGER DEFAULT 0 NOT NULL,
        has_attachment BOOLEAN DEFAULT 0 NOT NULL,
        failed BOOLEAN DEFAULT 0 NOT NULL,
        snippet TEXT DEFAULT '' NOT NULL,
        last_direction TEXT DEFAULT 'in' NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (uid),
        FOREIGN KEY(customer_id) REFERENCES customer (id),
        FOREIGN KEY(assignee_id) REFERENCES agent (id),
        FOREIGN KEY(merged_into_id) REFERENCES conversation (id),
        FOREIGN KEY(account_id) REFERENCES account (id)
    )
    """,
    """
    CREATE INDEX conversation_account_status ON conversation (account_id, status, last_at DESC,
        id DESC, merged_into_id)
    """,
    """
    CREATE INDEX conversation_assignee ON conversation (assignee_id, status, last_at DESC, id
        DESC, merged_into_id)
    """,
    """
    CREATE INDEX conversation_customer ON conversation (customer_id, last_at DESC, id DESC,
        merged_into_id)
    """,
    """
    CREATE INDEX conversation_lasting ON conversation (status, last_at DESC, id DESC,
        merged_into_id, created_at) WHERE last_at - created_at NOT BETWEEN 0 AND 604800000
    """,
    "CREATE INDEX conversation_created ON conversation (created_at)",
    """
    CREATE INDEX conversation_starred ON conversation (status, last_at DESC, id DESC,
        merged_into_id) WHERE starred = 1
    """,
    """
    CREATE INDEX conversation_failed ON conversation (status, last_at DESC, id DESC,
        merged_into_id) WHERE failed = 1
    """,
    """
    CREATE INDEX conversation_with_file ON conversation (has_attachment) WHERE has_attachment = 1
    """,
    """
    CREATE INDEX conversation_due ON conversation (next_due_at, id, merged_into_id, status,
        warn_at) WHERE next_due_at IS NOT NULL
    """,
    """
    CREATE INDEX conversation_follow_up ON conversation (follow_up_at) WHERE follow_up_at IS NOT
        NULL
    """,
    """
    CREATE INDEX conversation_merged ON conversation (merged_into_id) WHERE merged_into_id IS
        NOT NULL
    """,
    """
    CREATE INDEX conversation_by_due ON conversation (status, -ifnull(next_due_at,
        9000000000000000) DESC, last_at DESC, id DESC, merged_into_id, assignee_id, account_id,
        unread, customer_id)
    """,
    """
    CREATE INDEX conversation_by_priority ON conversation (status, CASE priority WHEN
        'urgent' THEN 3 WHEN 'high' THEN 2 WHEN 'normal' THEN 1 ELSE 0 END DESC, last_at DESC,
        id DESC, merged_into_id, assignee_id, account_id, unread, customer_id)
    """,
    """
    CREATE INDEX conversation_by_waiting ON conversation (status, -ifnull(waiting_since,
        9000000000000000) DESC, last_at DESC, id DESC, merged_into_id, assignee_id, account_id,
        unread, customer_id)
    """,
    """
    CREATE INDEX conversation_snoozed ON conversation (snoozed_until) WHERE snoozed_until IS NOT
        NULL
    """,
    """
    CREATE INDEX conversation_status ON conversation (status, last_at DESC, id DESC,
        merged_into_id, created_at, customer_id)
    """,
    """
    CREATE INDEX conversation_unread_status ON conversation (status, last_at DESC, id DESC,
        merged_into_id, unread) WHERE unread > 0
    """,
    """
    CREATE TABLE identity (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        customer_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        scope TEXT DEFAULT '' NOT NULL,
        address TEXT NOT NULL,
        label TEXT NOT NULL,
        origin_id INTEGER,
        secondary TEXT,
        verified BOOLEAN DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (kind, scope, address),
        UNIQUE (uid),
        FOREIGN KEY(customer_id) REFERENCES customer (id)
    )
    """,
    "CREATE INDEX identity_secondary ON identity (secondary) WHERE secondary IS NOT NULL",
    "CREATE INDEX ix_identity_customer_id ON identity (customer_id)",
    """
    CREATE TABLE identity_claim (
        identity_id INTEGER NOT NULL,
        claimed_id INTEGER NOT NULL,
        PRIMARY KEY (identity_id, claimed_id),
        FOREIGN KEY(identity_id) REFERENCES identity (id),
        FOREIGN KEY(claimed_id) REFERENCES identity (id)
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX ix_identity_claim_claimed_id ON identity_claim (claimed_id)",
    """
    CREATE TABLE receiving_server (
        account_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        seen INTEGER NOT NULL,
        PRIMARY KEY (account_id, name),
        FOREIGN KEY(account_id) REFERENCES account (id)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE suppression (
        address TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER NOT NULL,
        words TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (address)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE automatic_send (
        message_id INTEGER NOT NULL,
        at INTEGER NOT NULL,
        address TEXT NOT NULL,
        conversation_id INTEGER NOT NULL,
        PRIMARY KEY (message_id)
    )
    """,
    "CREATE INDEX ix_automatic_send_at ON automatic_send (at)",
    """
    CREATE TABLE announced (
        "key" TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY ("key")
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX customer_name ON customer (name, first_seen_at)",
    "CREATE INDEX customer_vip ON customer (vip) WHERE vip = 1",
    "CREATE INDEX customer_blocked ON customer (blocked) WHERE blocked = 1",
    "CREATE INDEX customer_language ON customer (lower(language)) WHERE language <> ''",
    """
    CREATE TABLE sync_cursor (
        account_id INTEGER NOT NULL,
        value TEXT NOT NULL,
        updated_at INTEGER NOT NULL,
        stored INTEGER DEFAULT 0 NOT NULL,
        duplicates INTEGER DEFAULT 0 NOT NULL,
        quarantined INTEGER DEFAULT 0 NOT NULL,
        reconciled_at INTEGER,
        found_missing INTEGER DEFAULT 0 NOT NULL,
        PRIMARY KEY (account_id),
        FOREIGN KEY(account_id) REFERENCES account (id)
    )
    """,
    """
    CREATE TABLE customer_tag (
        customer_id INTEGER NOT NULL,
        tag_id INTEGER NOT NULL,
        PRIMARY KEY (customer_id, tag_id),
        FOREIGN KEY(customer_id) REFERENCES customer (id),
        FOREIGN KEY(tag_id) REFERENCES tag (id)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE conversation_tag (
        tag_id INTEGER NOT NULL,
        conversation_id INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        PRIMARY KEY (tag_id, conversation_id),
        FOREIGN KEY(tag_id) REFERENCES tag (id),
        FOREIGN KEY(conversation_id) REFERENCES conversation (id)
    )
     WITHOUT ROWID
    """,
    """
    CREATE INDEX conversation_tag_newest ON conversation_tag (tag_id, last_at DESC,
        conversation_id DESC)
    """,
    """
    CREATE INDEX ix_conversation_tag_conversation_id ON conversation_tag (conversation_id)
    """,
    """
    CREATE TABLE chat (
        id INTEGER NOT NULL,
        account_id INTEGER NOT NULL,
        external_id TEXT NOT NULL,
        title TEXT DEFAULT '' NOT NULL,
        is_group BOOLEAN DEFAULT 0 NOT NULL,
        identity_id INTEGER,
        last_in_at INTEGER,
        reply_until INTEGER,
        read_until INTEGER,
        seen_until INTEGER,
        PRIMARY KEY (id),
        FOREIGN KEY(account_id) REFERENCES account (id),
        FOREIGN KEY(identity_id) REFERENCES identity (id)
    )
    """,
    "CREATE INDEX ix_chat_identity_id ON chat (identity_id)",
    "CREATE INDEX chat_window ON chat (reply_until) WHERE reply_until IS NOT NULL",
    """
    CREATE TABLE chat_name (
        account_id INTEGER NOT NULL,
        external_id TEXT NOT NULL,
        chat_id INTEGER NOT NULL,
        PRIMARY KEY (account_id, external_id),
        FOREIGN KEY(account_id) REFERENCES account (id),
        FOREIGN KEY(chat_id) REFERENCES chat (id)
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX ix_chat_name_chat_id ON chat_name (chat_id)",
    """
    CREATE TABLE early_news (
        id INTEGER NOT NULL,
        account_id INTEGER NOT NULL,
        named TEXT NOT NULL,
        item TEXT NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (account_id, named, item),
        FOREIGN KEY(account_id) REFERENCES account (id)
    )
    """,
    """
    CREATE TABLE thread (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        conversation_id INTEGER NOT NULL,
        account_id INTEGER NOT NULL,
        external_id TEXT NOT NULL,
        chat_id INTEGER,
        PRIMARY KEY (id),
        UNIQUE (account_id, external_id),
        UNIQUE (uid),
        FOREIGN KEY(conversation_id) REFERENCES conversation (id),
        FOREIGN KEY(account_id) REFERENCES account (id),
        FOREIGN KEY(chat_id) REFERENCES chat (id)
    )
    """,
    "CREATE INDEX thread_chat ON thread (chat_id) WHERE chat_id IS NOT NULL",
    "CREATE INDEX ix_thread_conversation_id ON thread (conversation_id)",
    """
    CREATE TABLE sla_moment (
        conversation_id INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (conversation_id, at),
        FOREIGN KEY(conversation_id) REFERENCES conversation (id)
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX sla_moment_at ON sla_moment (at)",
    """
    CREATE TABLE message (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        conversation_id INTEGER NOT NULL,
        origin_id INTEGER NOT NULL,
        thread_id INTEGER,
        account_id INTEGER,
            direction TEXT NOT NULL CONSTRAINT direction_is_known CHECK (direction IN ('in',
            'out', 'note', 'system')),
            kind TEXT DEFAULT 'human' NOT NULL CONSTRAINT kind_is_known CHECK (kind IN ('human',
            'spoken', 'unreached', 'automated', 'bulk', 'auto_reply', 'bounce_permanent',
            'bounce_temporary', 'own_loop')),
        author_identity_id INTEGER,
        agent_id INTEGER,
        external_id TEXT,
        client_ref TEXT,
        in_reply_to TEXT DEFAULT '' NOT NULL,
        refs TEXT NOT NULL,
        subject TEXT DEFAULT '' NOT NULL,
        people TEXT NOT NULL,
        at INTEGER NOT NULL,
        received_at INTEGER,
        snippet TEXT DEFAULT '' NOT NULL,
        seen BOOLEAN DEFAULT 1 NOT NULL,
        flagged BOOLEAN DEFAULT 0 NOT NULL,
        complete BOOLEAN DEFAULT 1 NOT NULL,
        unreadable TEXT,
        warnings TEXT,
        report TEXT,
            delivery TEXT CONSTRAINT delivery_is_known CHECK (delivery IN ('queued', 'sending',
            'uncertain', 'failed', 'sent', 'returned', 'delivered', 'read')),
        delivery_detail TEXT,
        edited_at INTEGER,
        deleted_at INTEGER,
        withdrawn_at INTEGER,
        repeats INTEGER DEFAULT 1 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (account_id, external_id),
        UNIQUE (uid),
        FOREIGN KEY(conversation_id) REFERENCES conversation (id),
        FOREIGN KEY(thread_id) REFERENCES thread (id),
        FOREIGN KEY(account_id) REFERENCES account (id),
        FOREIGN KEY(author_identity_id) REFERENCES identity (id),
        FOREIGN KEY(agent_id) REFERENCES agent (id),
        UNIQUE (client_ref)
    )
    """,
    "CREATE INDEX ix_message_thread_id ON message (thread_id)",
    "CREATE INDEX message_timeline ON message (conversation_id, at, id)",
    """
    CREATE INDEX message_note ON message (conversation_id, deleted_at) WHERE direction = 'note'
    """,
    """
    CREATE INDEX message_automated ON message (conversation_id, kind)
    WHERE direction = 'in' AND kind NOT IN ('human', 'spoken')
    """,
    """
    CREATE TABLE thread_participant (
        thread_id INTEGER NOT NULL,
        address TEXT NOT NULL,
        PRIMARY KEY (thread_id, address),
        FOREIGN KEY(thread_id) REFERENCES thread (id)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE thread_reference (
        message_id TEXT NOT NULL,
        thread_id INTEGER NOT NULL,
        named_by TEXT NOT NULL,
        PRIMARY KEY (message_id, thread_id, named_by),
        FOREIGN KEY(thread_id) REFERENCES thread (id)
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX ix_thread_reference_thread_id ON thread_reference (thread_id)",
    """
    CREATE TABLE attachment (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        message_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        safe_name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('file', 'message', 'server')),
        section TEXT DEFAULT '' NOT NULL,
        sha256 TEXT DEFAULT '' NOT NULL,
        content_id TEXT DEFAULT '' NOT NULL,
        inline BOOLEAN DEFAULT 0 NOT NULL,
        searched TEXT,
        PRIMARY KEY (id),
        UNIQUE (uid),
        FOREIGN KEY(message_id) REFERENCES message (id)
    )
    """,
    "CREATE INDEX ix_attachment_message_id ON attachment (message_id)",
    (
        "CREATE INDEX attachment_unsearched ON attachment (message_id DESC)"
        " WHERE searched IS NULL AND state <> 'server'"
    ),
    """
    CREATE TABLE file_text (
        id INTEGER NOT NULL,
        attachment_id INTEGER NOT NULL,
        text BLOB NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(attachment_id) REFERENCES attachment (id)
    )
    """,
    "CREATE INDEX ix_file_text_attachment_id ON file_text (attachment_id)",
    """
    CREATE TABLE draft (
        id INTEGER NOT NULL,
        uid TEXT NOT NULL,
        conversation_id INTEGER,
        account_id INTEGER,
        author_id INTEGER NOT NULL,
        mode TEXT NOT NULL,
        answers_id INTEGER,
        revision INTEGER DEFAULT 1 NOT NULL,
        recipients TEXT NOT NULL,
        subject TEXT DEFAULT '' NOT NULL,
        body TEXT NOT NULL,
        rich TEXT DEFAULT '' NOT NULL,
        sender TEXT DEFAULT '' NOT NULL,
        caret INTEGER DEFAULT 0 NOT NULL,
        quote BOOLEAN DEFAULT 1 NOT NULL,
        attachments TEXT NOT NULL,
        form TEXT,
        updated_at INTEGER NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (conversation_id, author_id),
        UNIQUE (uid),
        FOREIGN KEY(conversation_id) REFERENCES conversation (id),
        FOREIGN KEY(account_id) REFERENCES account (id),
        FOREIGN KEY(author_id) REFERENCES agent (id),
        FOREIGN KEY(answers_id) REFERENCES message (id)
    )
    """,
    "CREATE INDEX ix_draft_conversation_id ON draft (conversation_id)",
    """
    CREATE TABLE draft_copy (
        uid TEXT NOT NULL,
        account_id INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        uploaded_at INTEGER NOT NULL,
        PRIMARY KEY (uid),
        FOREIGN KEY(account_id) REFERENCES account (id)
    )
    """,
    """
    CREATE TABLE message_body (
        message_id INTEGER NOT NULL,
        text TEXT NOT NULL,
        visible_text TEXT,
        html TEXT DEFAULT '' NOT NULL,
        has_html BOOLEAN DEFAULT '0' NOT NULL,
        invitation TEXT,
        raw_sha256 TEXT,
        raw_packed BLOB,
        pieces TEXT,
        form TEXT,
        PRIMARY KEY (message_id),
        FOREIGN KEY(message_id) REFERENCES message (id)
    )
    """,
    """
    CREATE TABLE message_location (
        account_id INTEGER NOT NULL,
        folder TEXT NOT NULL,
        uidvalidity INTEGER NOT NULL,
        uid INTEGER NOT NULL,
        message_id INTEGER NOT NULL,
        moved_from TEXT,
        PRIMARY KEY (account_id, folder, uidvalidity, uid),
        FOREIGN KEY(account_id) REFERENCES account (id),
        FOREIGN KEY(message_id) REFERENCES message (id)
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX ix_message_location_message_id ON message_location (message_id)",
    """
    CREATE TABLE message_gone (
        message_id INTEGER NOT NULL,
        account_id INTEGER NOT NULL,
        looks INTEGER DEFAULT 0 NOT NULL,
        PRIMARY KEY (message_id),
        FOREIGN KEY(message_id) REFERENCES message (id),
        FOREIGN KEY(account_id) REFERENCES account (id)
    )
    """,
    "CREATE INDEX ix_message_gone_account_id ON message_gone (account_id)",
    """
    CREATE TABLE server_action (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        account_id INTEGER NOT NULL,
        message_id INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('seen', 'answered', 'flagged', 'move', 'read', 'edit',
            'withdraw', 'react')),
        target TEXT NOT NULL,
        event_uid TEXT NOT NULL,
        attempts INTEGER DEFAULT 0 NOT NULL,
        UNIQUE (message_id, kind),
        FOREIGN KEY(account_id) REFERENCES account (id),
        FOREIGN KEY(message_id) REFERENCES message (id)
    )
    """,
    "CREATE INDEX server_action_account ON server_action (account_id, id)",
    """
    CREATE TABLE message_version (
        id INTEGER NOT NULL,
        message_id INTEGER NOT NULL,
        at INTEGER NOT NULL,
        text TEXT NOT NULL,
        pieces TEXT,
        PRIMARY KEY (id),
        UNIQUE (message_id, at, text),
        FOREIGN KEY(message_id) REFERENCES message (id)
    )
    """,
    "CREATE INDEX ix_message_version_message_id ON message_version (message_id)",
    """
    CREATE TABLE reaction (
        message_id INTEGER NOT NULL,
        identity_id INTEGER NOT NULL,
        emojis TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (message_id, identity_id),
        FOREIGN KEY(message_id) REFERENCES message (id)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE reaction_name (
        account_id INTEGER NOT NULL,
        external_id TEXT NOT NULL,
        message_id INTEGER NOT NULL,
        identity_id INTEGER NOT NULL,
        emoji TEXT NOT NULL,
        gone BOOLEAN NOT NULL,
        PRIMARY KEY (account_id, external_id),
        FOREIGN KEY(account_id) REFERENCES account (id),
        FOREIGN KEY(message_id) REFERENCES message (id)
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX ix_reaction_name_message_id ON reaction_name (message_id)",
    """
    CREATE TABLE remote_file (
        attachment_id INTEGER NOT NULL,
        account_id INTEGER NOT NULL,
        reference TEXT NOT NULL,
        next_at INTEGER,
        attempts INTEGER DEFAULT 0 NOT NULL,
        problem TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (attachment_id),
        FOREIGN KEY(attachment_id) REFERENCES attachment (id),
        FOREIGN KEY(account_id) REFERENCES account (id)
    )
    """,
    "CREATE INDEX remote_file_due ON remote_file (account_id, next_at)",
    """
    CREATE TABLE outbox (
        message_id INTEGER NOT NULL,
        account_id INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'uncertain', 'failed',
            'filing')),
        phase TEXT DEFAULT '' NOT NULL,
        not_before INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        attempts INTEGER DEFAULT 0 NOT NULL,
        claimed_by TEXT,
        queued_at INTEGER NOT NULL,
        error_code TEXT DEFAULT '' NOT NULL,
        error_text TEXT DEFAULT '' NOT NULL,
        draft TEXT NOT NULL,
        tried_since INTEGER,
        recipients TEXT,
        look_at INTEGER,
        looks INTEGER DEFAULT 0 NOT NULL,
        looked_at INTEGER,
        look_error TEXT DEFAULT '' NOT NULL,
        copy_at INTEGER,
        copy_tries INTEGER DEFAULT 0 NOT NULL,
        PRIMARY KEY (message_id),
        FOREIGN KEY(message_id) REFERENCES message (id),
        FOREIGN KEY(account_id) REFERENCES account (id)
    )
    """,
    "CREATE INDEX outbox_due ON outbox (state, next_at)",
    """
    CREATE VIRTUAL TABLE message_fts USING fts5(
        subject, sender, recipients, copied, body, note,
        content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
    )
    """,
    "INSERT INTO message_fts (message_fts, rank) VALUES ('automerge', 8)",
    """
    CREATE VIRTUAL TABLE customer_fts USING fts5(
        words, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
    )
    """,
    """
    CREATE VIRTUAL TABLE file_fts USING fts5(
        name, body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
    )
    """,
)
