using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Packets
{
    /// <summary>What to subscribe to. All but topic and QoS is MQTT 5 only.</summary>
    public sealed class MqttTopicFilter
    {
        public string? Topic { get; set; }

        public MqttQualityOfServiceLevel QualityOfServiceLevel { get; set; }

        public bool NoLocal { get; set; }

        public bool RetainAsPublished { get; set; }

        public MqttRetainHandling RetainHandling { get; set; } = MqttRetainHandling.SendAtSubscribe;

        public override string ToString() =>
            $"TopicFilter: [Topic={Topic}] [QualityOfServiceLevel={QualityOfServiceLevel}] [NoLocal={NoLocal}] "
            + $"[RetainAsPublished={RetainAsPublished}] [RetainHandling={RetainHandling}]";
    }
}

namespace MQTTnet
{
    public sealed class MqttTopicFilterBuilder
    {
        private readonly MqttTopicFilter filter = new();

        /// <exception cref="MqttProtocolViolationException">There is no topic.</exception>
        public MqttTopicFilter Build()
        {
            if (string.IsNullOrEmpty(filter.Topic))
            {
                throw new MqttProtocolViolationException("Topic is not set.");
            }

            return new MqttTopicFilter
            {
                Topic = filter.Topic,
                QualityOfServiceLevel = filter.QualityOfServiceLevel,
                NoLocal = filter.NoLocal,
                RetainAsPublished = filter.RetainAsPublished,
                RetainHandling = filter.RetainHandling,
            };
        }

        public MqttTopicFilterBuilder WithTopic(string topic)
        {
            filter.Topic = topic;
            return this;
        }

        public MqttTopicFilterBuilder WithQualityOfServiceLevel(MqttQualityOfServiceLevel qualityOfServiceLevel)
        {
            filter.QualityOfServiceLevel = qualityOfServiceLevel;
            return this;
        }

        public MqttTopicFilterBuilder WithAtMostOnceQoS() => WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtMostOnce);

        public MqttTopicFilterBuilder WithAtLeastOnceQoS() => WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);

        public MqttTopicFilterBuilder WithExactlyOnceQoS() => WithQualityOfServiceLevel(MqttQualityOfServiceLevel.ExactlyOnce);

        public MqttTopicFilterBuilder WithNoLocal(bool value = true)
        {
            filter.NoLocal = value;
            return this;
        }

        public MqttTopicFilterBuilder WithRetainAsPublished(bool value = true)
        {
            filter.RetainAsPublished = value;
            return this;
        }

        public MqttTopicFilterBuilder WithRetainHandling(MqttRetainHandling value)
        {
            filter.RetainHandling = value;
            return this;
        }
    }

    public sealed class MqttClientSubscribeOptions
    {
        public List<MqttTopicFilter> TopicFilters { get; set; } = [];
    }

    public sealed class MqttClientSubscribeOptionsBuilder
    {
        private readonly MqttClientSubscribeOptions options = new();

        public MqttClientSubscribeOptions Build() => options;

        public MqttClientSubscribeOptionsBuilder WithTopicFilter(
            string topic,
            MqttQualityOfServiceLevel qualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce,
            bool noLocal = false,
            bool retainAsPublished = false,
            MqttRetainHandling retainHandling = MqttRetainHandling.SendAtSubscribe) =>
            WithTopicFilter(new MqttTopicFilter
            {
                Topic = topic,
                QualityOfServiceLevel = qualityOfServiceLevel,
                NoLocal = noLocal,
                RetainAsPublished = retainAsPublished,
                RetainHandling = retainHandling,
            });

        public MqttClientSubscribeOptionsBuilder WithTopicFilter(Action<MqttTopicFilterBuilder> topicFilterBuilder)
        {
            ArgumentNullException.ThrowIfNull(topicFilterBuilder);
            var builder = new MqttTopicFilterBuilder();
            topicFilterBuilder(builder);
            return WithTopicFilter(builder.Build());
        }

        public MqttClientSubscribeOptionsBuilder WithTopicFilter(MqttTopicFilterBuilder topicFilterBuilder)
        {
            ArgumentNullException.ThrowIfNull(topicFilterBuilder);
            return WithTopicFilter(topicFilterBuilder.Build());
        }

        public MqttClientSubscribeOptionsBuilder WithTopicFilter(MqttTopicFilter topicFilter)
        {
            ArgumentNullException.ThrowIfNull(topicFilter);
            options.TopicFilters.Add(topicFilter);
            return this;
        }
    }

    public enum MqttClientSubscribeResultCode
    {
        GrantedQoS0 = 0,
        GrantedQoS1 = 1,
        GrantedQoS2 = 2,
        UnspecifiedError = 128,
        ImplementationSpecificError = 131,
        NotAuthorized = 135,
        TopicFilterInvalid = 143,
        PacketIdentifierInUse = 145,
        QuotaExceeded = 151,
        SharedSubscriptionsNotSupported = 158,
        SubscriptionIdentifiersNotSupported = 161,
        WildcardSubscriptionsNotSupported = 162,
    }

    public sealed class MqttClientSubscribeResultItem(MqttTopicFilter topicFilter, MqttClientSubscribeResultCode resultCode)
    {
        public MqttTopicFilter TopicFilter { get; } = topicFilter;

        public MqttClientSubscribeResultCode ResultCode { get; } = resultCode;
    }

    /// <summary>The broker's answer, one item for each filter.</summary>
    public sealed class MqttClientSubscribeResult
    {
        internal MqttClientSubscribeResult(IReadOnlyCollection<MqttClientSubscribeResultItem> items) => Items = items;

        public IReadOnlyCollection<MqttClientSubscribeResultItem> Items { get; }
    }
}
