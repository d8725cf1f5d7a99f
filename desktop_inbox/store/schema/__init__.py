"""Every table of a workspace: the modules here hold them by subject, this one says which where.

Times are aware UTC (`UtcTime`), closed sets are short text with a CHECK, JSON is for what is never
filtered on. Whatever may one day be shared between laptops has a `uid`; integer keys never leave
the device. Secrets are never here, only the names they are kept under.
"""

from __future__ import annotations

from sqlalchemy import Connection

from desktop_inbox.store.schema.accounts import account as account
from desktop_inbox.store.schema.accounts import receiving_server as receiving_server
from desktop_inbox.store.schema.accounts import sync_cursor as sync_cursor
from desktop_inbox.store.schema.base import metadata as metadata
from desktop_inbox.store.schema.conversations import conversation as conversation
from desktop_inbox.store.schema.conversations import conversation_tag as conversation_tag
from desktop_inbox.store.schema.conversations import saved_view as saved_view
from desktop_inbox.store.schema.conversations import tag as tag
from desktop_inbox.store.schema.customers import customer as customer
from desktop_inbox.store.schema.customers import customer_apart as customer_apart
from desktop_inbox.store.schema.customers import customer_field as customer_field
from desktop_inbox.store.schema.customers import customer_tag as customer_tag
from desktop_inbox.store.schema.customers import customer_value as customer_value
from desktop_inbox.store.schema.customers import identity as identity
from desktop_inbox.store.schema.customers import identity_claim as identity_claim
from desktop_inbox.store.schema.files import attachment as attachment
from desktop_inbox.store.schema.files import file_text as file_text
from desktop_inbox.store.schema.files import remote_file as remote_file
from desktop_inbox.store.schema.log import change_log as change_log
from desktop_inbox.store.schema.log import event as event
from desktop_inbox.store.schema.log import field_clock as field_clock
from desktop_inbox.store.schema.messages import AUTOMATED as AUTOMATED
from desktop_inbox.store.schema.messages import message as message
from desktop_inbox.store.schema.messages import message_body as message_body
from desktop_inbox.store.schema.messages import message_gone as message_gone
from desktop_inbox.store.schema.messages import message_location as message_location
from desktop_inbox.store.schema.messages import message_version as message_version
from desktop_inbox.store.schema.messages import reaction as reaction
from desktop_inbox.store.schema.messages import reaction_name as reaction_name
from desktop_inbox.store.schema.sending import automatic_send as automatic_send
from desktop_inbox.store.schema.sending import canned_response as canned_response
from desktop_inbox.store.schema.sending import draft as draft
from desktop_inbox.store.schema.sending import draft_copy as draft_copy
from desktop_inbox.store.schema.sending import outbox as outbox
from desktop_inbox.store.schema.sending import server_action as server_action
from desktop_inbox.store.schema.sending import suppression as suppression
from desktop_inbox.store.schema.service_levels import sla_calendar as sla_calendar
from desktop_inbox.store.schema.service_levels import sla_moment as sla_moment
from desktop_inbox.store.schema.service_levels import sla_policy as sla_policy
from desktop_inbox.store.schema.threads import chat as chat
from desktop_inbox.store.schema.threads import chat_name as chat_name
from desktop_inbox.store.schema.threads import early_news as early_news
from desktop_inbox.store.schema.threads import thread as thread
from desktop_inbox.store.schema.threads import thread_participant as thread_participant
from desktop_inbox.store.schema.threads import thread_reference as thread_reference
from desktop_inbox.store.schema.word_indexes import create_word_indexes
from desktop_inbox.store.schema.workspaces import agent as agent
from desktop_inbox.store.schema.workspaces import announced as announced
from desktop_inbox.store.schema.workspaces import device as device
from desktop_inbox.store.schema.workspaces import workspace as workspace


def create_all(connection: Connection) -> None:
    """Create every table and index in an empty database."""
    metadata.create_all(connection, checkfirst=False)
    create_word_indexes(connection)
